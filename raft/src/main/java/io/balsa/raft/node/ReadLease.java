package io.balsa.raft.node;

import io.balsa.raft.core.RaftCore;
import io.balsa.raft.port.Clock;
import java.util.concurrent.TimeUnit;

/**
 * What the leader's lease allows, for all threads to see: until when linearizable reads need nobody's confirmation, and how much
 * must be applied for them. The driver keeps it up to date, before it sends anything: so whoever hears of a later commit, or
 * of what ended the lease, can't find an older one here.
 */
final class ReadLease {
    /** The answer without a lease. */
    static final long NONE = -1;

    private static final long NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private record Span(long untilNanos, long index) {}

    private final Clock clock;
    private volatile Span span;

    ReadLease(Clock clock) {
        this.clock = clock;
    }

    /**
     * Looks at the core. By the driver only.
     *
     * @param tickedNanos up to when the core knows of the time
     */
    void observe(RaftCore core, long tickedNanos) {
        long millis = core.leaseMillis();
        Span known = span;
        if (millis == 0) {
            if (known != null) {
                span = null;
            }
            return;
        }
        long untilNanos = tickedNanos + millis * NANOS_PER_MILLI;
        if (known == null || known.untilNanos != untilNanos || known.index != core.commitIndex()) {
            span = new Span(untilNanos, core.commitIndex());
        }
    }

    /** What must be applied for a read that began before this call; {@link #NONE} if the lease does not allow it. */
    long readIndex() {
        Span known = span;
        // In this order: of a pause in between the clock tells.
        return known != null && clock.nanoTime() - known.untilNanos < 0 ? known.index : NONE;
    }
}
