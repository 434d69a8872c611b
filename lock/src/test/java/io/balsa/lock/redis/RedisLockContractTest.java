package io.balsa.lock.redis;

import io.balsa.lock.contract.DistributedLockContract;
import io.balsa.lock.contract.LockWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class RedisLockContractTest extends DistributedLockContract {
    @TempDir
    private static Path directory;

    @Override
    protected LockWorld newWorld() {
        return new RedisLockWorld(directory, 1);
    }
}
