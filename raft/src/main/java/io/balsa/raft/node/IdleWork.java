package io.balsa.raft.node;

import io.balsa.raft.port.Clock;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Says when it is time for what the syncs of a log left for later: in a pause, or after a while in any. Of one duty. */
final class IdleWork {
    /** It waits for so long a pause, or for any pause when it has waited for so long. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final long MAX_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Clock clock;
    private final BooleanSupplier isLeft;
    private boolean planned;
    private long sinceNanos;
    private long lastSyncNanos;

    /** @param isLeft whether there is any */
    IdleWork(Clock clock, BooleanSupplier isLeft) {
        this.clock = clock;
        this.isLeft = isLeft;
    }

    /** There was a sync. */
    void synced() {
        lastSyncNanos = clock.nanoTime();
        if (!planned) {
            sinceNanos = lastSyncNanos;
        }
        planned = isLeft.getAsBoolean();
    }

    /** Some of it was done; what is left is as if it were left now. */
    void done() {
        planned = false;
        synced();
    }

    /** How long it is until it is due; {@link Long#MAX_VALUE} if there is none. */
    long nanos() {
        if (!planned) {
            return Long.MAX_VALUE;
        }
        long now = clock.nanoTime();
        long untilPause = lastSyncNanos + PAUSE_NANOS - now;
        return Math.max(0, Math.min(untilPause, sinceNanos + MAX_DELAY_NANOS - now));
    }
}
