package io.balsa.bench.lock;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Whose locks are measured. */
public enum Backend {
    NATIVE {
        @Override
        LockService start(Path directory) throws IOException {
            return NativeLockService.start(directory);
        }
    },

    REDIS {
        @Override
        LockService start(Path directory) throws IOException, InterruptedException {
            return RedisLockService.start(directory);
        }

        @Override
        public Optional<String> reasonIfMissing() {
            return InstalledProgram.reasonIfMissing(RedisLockService.PROGRAM);
        }
    },

    ZOOKEEPER {
        @Override
        LockService start(Path directory) throws IOException, InterruptedException {
            return ZooKeeperLockService.start(directory);
        }
    },

    CONSUL {
        @Override
        LockService start(Path directory) throws IOException, InterruptedException {
            return ConsulLockService.start(directory);
        }

        @Override
        public Optional<String> reasonIfMissing() {
            return InstalledProgram.reasonIfMissing(ConsulLockService.PROGRAM);
        }
    };

    /**
     * Starts the servers; none is left when that fails.
     *
     * @param directory empty and absolute, for configuration, data and logs
     * @throws IllegalStateException if a program is not installed, or they do not serve
     */
    abstract LockService start(Path directory) throws IOException, InterruptedException;

    /** Why it can't be measured on this machine; empty if it can. */
    public Optional<String> reasonIfMissing() {
        return Optional.empty();
    }
}
