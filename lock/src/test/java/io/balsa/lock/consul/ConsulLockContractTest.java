package io.balsa.lock.consul;

import io.balsa.lock.contract.DistributedLockContract;
import io.balsa.lock.contract.LockWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class ConsulLockContractTest extends DistributedLockContract {
    @TempDir
    private static Path directory;

    @Override
    protected LockWorld newWorld() {
        return new ConsulLockWorld(directory);
    }
}
