package io.balsa.lock.contract;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class NativeLockContractTest extends DistributedLockContract {
    @TempDir
    private static Path directory;

    @Override
    protected LockWorld newWorld() {
        return new NativeLockWorld(directory);
    }
}
