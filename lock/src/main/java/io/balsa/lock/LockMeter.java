package io.balsa.lock;

import java.time.Duration;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/** Counts for {@link LockMetrics}. Thread-safe. */
final class LockMeter {
    private final LongAdder begun = new LongAdder();
    private final LongAdder acquired = new LongAdder();
    private final LongAdder notAcquired = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder ended = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private final LongAdder renewals = new LongAdder();
    private final LongAdder failedRenewals = new LongAdder();
    private final LongAdder waitedNanos = new LongAdder();
    private final LongAccumulator longestWaitNanos = new LongAccumulator(Math::max, 0);
    private final LongAdder heldNanos = new LongAdder();
    private final LongAccumulator longestHeldNanos = new LongAccumulator(Math::max, 0);

    void begun() {
        begun.increment();
    }

    void acquired(long nanos) {
        acquired.increment();
        waitedNanos.add(nanos);
        longestWaitNanos.accumulate(nanos);
    }

    void notAcquired() {
        notAcquired.increment();
    }

    void failed() {
        failed.increment();
    }

    /** A lease was released or lost, after so long. */
    void ended(long nanos) {
        ended.increment();
        heldNanos.add(nanos);
        longestHeldNanos.accumulate(nanos);
    }

    void lost() {
        lost.increment();
    }

    void renewed(boolean success) {
        (success ? renewals : failedRenewals).increment();
    }

    LockMetrics read() {
        // Ends before beginnings, so that nothing comes out negative while it all goes on.
        long allLost = lost.sum();
        long allEnded = ended.sum();
        long done = notAcquired.sum();
        long broken = failed.sum();
        long granted = acquired.sum();
        return new LockMetrics(
                Math.max(0, begun.sum() - granted - done - broken),
                Math.max(0, granted - allEnded),
                granted,
                done,
                broken,
                Math.max(0, allEnded - allLost),
                allLost,
                renewals.sum(),
                failedRenewals.sum(),
                Duration.ofNanos(waitedNanos.sum()),
                Duration.ofNanos(longestWaitNanos.get()),
                Duration.ofNanos(heldNanos.sum()),
                Duration.ofNanos(longestHeldNanos.get()));
    }
}
