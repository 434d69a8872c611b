package io.balsa.simulation.history;

import java.time.Duration;
import java.util.function.LongSupplier;

/** A moment on a monotonic clock after which no more work is done. */
record Deadline(LongSupplier nanos, long atNanos) {
    static Deadline in(Duration time, LongSupplier nanos) {
        return new Deadline(nanos, nanos.getAsLong() + time.toNanos());
    }

    boolean isOver() {
        return nanos.getAsLong() - atNanos >= 0;
    }

    /** The moment when this part of the time that is left is over. */
    Deadline part(int parts) {
        long now = nanos.getAsLong();
        return new Deadline(nanos, now + Math.max(0, atNanos - now) / parts);
    }
}
