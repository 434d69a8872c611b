package io.balsa.statemachine.session;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Numbers the commands of a session and bounds how many are under way.
 *
 * <p>What counts is the distance from the oldest command under way to the newest: the cluster keeps the results of all
 * commands in between, since it is told only up to which number they are not needed any more.
 */
final class CommandWindow {
    private static final Logger LOG = LoggerFactory.getLogger(CommandWindow.class);

    /** What a caller gets instead of a number when the window is full. */
    static final long FULL = 0;

    /** @param wanted whether the action still needs a number */
    private record Patient(BooleanSupplier wanted, LongConsumer action) {}

    private final int limit;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final TreeSet<Long> underWay = new TreeSet<>();
    private final Queue<Patient> patient = new ArrayDeque<>();
    /** Whether a thread goes through those that are patient. */
    private boolean serving;

    private long last;

    CommandWindow(int limit) {
        this.limit = limit;
    }

    /** Takes the next number, or {@link #FULL}. */
    long tryEnter() {
        lock.lock();
        try {
            return hasRoom() ? next() : FULL;
        } finally {
            lock.unlock();
        }
    }

    /** Takes the next number, waiting for room; {@link #FULL} when there was none in time. */
    long enter(long timeoutNanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long remaining = timeoutNanos;
            while (!hasRoom()) {
                if (remaining <= 0) {
                    return FULL;
                }
                remaining = room.awaitNanos(remaining);
            }
            return next();
        } finally {
            lock.unlock();
        }
    }

    /** Takes the next number, room or not: for the one command that ends a session. */
    long enterAnyway() {
        lock.lock();
        try {
            return next();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Gives the next number to an action as soon as there is room, in the order of calls: at once, or on a thread that makes
     * room, after those before it.
     *
     * @param wanted asked once, when the action's turn has come: if it is wanted it runs for certain, else it gets no number.
     *     Short, and does not come back here
     */
    void enterWhenFree(BooleanSupplier wanted, LongConsumer action) {
        long sequence;
        lock.lock();
        try {
            if (!hasRoom()) {
                patient.add(new Patient(wanted, action));
                return;
            }
            if (!wanted.getAsBoolean()) {
                return;
            }
            sequence = next();
        } finally {
            lock.unlock();
        }
        action.accept(sequence);
    }

    /** A command's result is known, or nobody will ask for it again. */
    void leave(long sequence) {
        lock.lock();
        try {
            underWay.remove(sequence);
            if (serving) {
                // An action that leaves at once, as all do when the session is over, must not serve the next within it.
                return;
            }
            serving = true;
        } finally {
            lock.unlock();
        }
        while (serveNext()) {}
    }

    /** Lets the next of those that are patient in; false when there is no room or nobody, and nobody serves any more. */
    private boolean serveNext() {
        Patient next;
        long number;
        lock.lock();
        try {
            serving = false;
            next = hasRoom() ? pollWanted() : null;
            if (next == null) {
                if (hasRoom()) {
                    room.signalAll();
                }
                return false;
            }
            number = next();
            serving = true;
        } finally {
            lock.unlock();
        }
        try {
            next.action().accept(number);
        } catch (RuntimeException | Error defect) {
            // Neither those behind it nor the one that made room have to do with it.
            LOG.error("command {} of a session could not be sent", number, defect);
        }
        return true;
    }

    private Patient pollWanted() {
        Patient next = patient.poll();
        while (next != null && !next.wanted().getAsBoolean()) {
            next = patient.poll();
        }
        return next;
    }

    /** The client has all results up to this number. */
    long acknowledged() {
        lock.lock();
        try {
            return underWay.isEmpty() ? last : underWay.first() - 1;
        } finally {
            lock.unlock();
        }
    }

    int limit() {
        return limit;
    }

    private boolean hasRoom() {
        return underWay.isEmpty() || last - underWay.first() + 1 < limit;
    }

    private long next() {
        last++;
        underWay.add(last);
        return last;
    }

    /** The whole milliseconds of a duration in nanoseconds, at least one. */
    static long atLeastOneMilli(long nanos) {
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos));
    }
}
