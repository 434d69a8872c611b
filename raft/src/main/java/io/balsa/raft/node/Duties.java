package io.balsa.raft.node;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/** The duties of one node and their places; all are started together and stopped together. */
final class Duties {
    private record Duty(DutyCycle cycle, DutySlot slot) {}

    private final List<Duty> duties = new ArrayList<>();

    /** Adds a duty that sleeps on its slot. */
    <T extends DutyCycle> T add(DutySlot slot, Function<DutySlot, T> maker) {
        T cycle = maker.apply(slot);
        duties.add(new Duty(cycle, slot));
        return cycle;
    }

    void start(Consumer<Throwable> onFailure) {
        duties.forEach(duty -> duty.slot.start(duty.cycle, onFailure));
    }

    void stop() {
        duties.forEach(duty -> duty.slot.stop());
    }

    /**
     * Waits for all of them to end.
     *
     * @param millis at most this long
     * @return whether all have ended, so that nobody is in any of them
     */
    boolean join(long millis) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        boolean ended = true;
        boolean interrupted = false;
        for (Duty duty : duties) {
            try {
                long left = Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()));
                ended &= duty.slot.join(left) && !duty.slot.isCurrent();
            } catch (InterruptedException interruption) {
                interrupted = true;
                ended = false;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return ended;
    }
}
