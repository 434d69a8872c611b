package io.balsa.bench.lock;

import java.nio.file.Path;

/** Whose locks are measured. */
public enum Backend {
    NATIVE(NativeLockService::start),
    REDIS(RedisLockService::start),
    ZOOKEEPER(ZooKeeperLockService::start),
    CONSUL(ConsulLockService::start);

    private final Starter starter;

    Backend(Starter starter) {
        this.starter = starter;
    }

    /** Starts the servers of a backend; nothing of them is left when that fails. */
    @FunctionalInterface
    private interface Starter {
        LockService start(Path directory) throws Exception;
    }

    /**
     * Starts the servers.
     *
     * @param directory empty and absolute, for configuration, data and logs
     */
    LockService start(Path directory) throws Exception {
        return starter.start(directory);
    }
}
