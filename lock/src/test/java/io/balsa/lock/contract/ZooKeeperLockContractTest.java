package io.balsa.lock.contract;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class ZooKeeperLockContractTest extends DistributedLockContract {
    @TempDir
    private static Path directory;

    @Override
    protected LockWorld newWorld() {
        return new ZooKeeperLockWorld(directory);
    }
}
