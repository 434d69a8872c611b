package io.balsa.bench.cluster;

import io.balsa.raft.port.ReadConsistency;
import io.balsa.statemachine.session.LockGrant;
import io.balsa.statemachine.session.Session;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What a client does with its session. */
public enum Operation {
    /** A lock that is free is acquired, and released. */
    LOCK {
        @Override
        CompletableFuture<?> start(Session session, int number) {
            return session.locks()
                    .acquireAsync(numbered("lock", number), TTL, Duration.ZERO)
                    .thenCompose(
                            grant -> session.locks().releaseAsync(granted(grant).id()))
                    .thenAccept(Operation::require);
        }
    },

    PUT {
        @Override
        CompletableFuture<?> start(Session session, int number) {
            return session.keyValues().putAsync(numbered("key", number), VALUE);
        }
    },

    /** By ReadIndex. */
    STRONG_GET {
        @Override
        CompletableFuture<?> start(Session session, int number) {
            return get(session, number, ReadConsistency.LINEARIZABLE);
        }
    },

    LEASE_GET {
        @Override
        CompletableFuture<?> start(Session session, int number) {
            return get(session, number, ReadConsistency.LEASE);
        }
    },

    SESSION_GET {
        @Override
        CompletableFuture<?> start(Session session, int number) {
            return get(session, number, ReadConsistency.SESSION);
        }
    },

    LOCAL_GET {
        @Override
        CompletableFuture<?> start(Session session, int number) {
            return get(session, number, ReadConsistency.LOCAL);
        }
    };

    /** So many locks or keys are used in turn. */
    static final int NAMES = 1024;

    private static final Duration TTL = Duration.ofMinutes(5);
    private static final byte[] VALUE = new byte[128];

    /**
     * Starts it, and does not wait.
     *
     * @param number which lock or key, from 0 to {@link #NAMES}
     */
    abstract CompletableFuture<?> start(Session session, int number);

    private static CompletableFuture<?> get(Session session, int number, ReadConsistency consistency) {
        return session.keyValues().getAsync(numbered("key", number), consistency);
    }

    private static String numbered(String name, int number) {
        return name + '-' + number;
    }

    private static LockGrant granted(Optional<LockGrant> grant) {
        return grant.orElseThrow(() -> new IllegalStateException("a lock was not free"));
    }

    private static void require(boolean released) {
        if (!released) {
            throw new IllegalStateException("a lock was lost");
        }
    }
}
