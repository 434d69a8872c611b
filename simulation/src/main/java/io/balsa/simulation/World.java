package io.balsa.simulation;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/**
 * The one thread, the clock and the chance of a run: everything that happens is an event on its heap, and the next event is
 * the one with the smallest time. The same seed gives the same run.
 */
final class World {
    /** Something that is going to happen. */
    static final class Event {
        private final long order;
        private Runnable action;

        private Event(long order, Runnable action) {
            this.order = order;
            this.action = action;
        }

        long order() {
            return order;
        }

        /** It is not going to happen. */
        void cancel() {
            action = null;
        }
    }

    /** More events at one moment mean that something turns in circles without time passing. */
    private static final long MAX_EVENTS_PER_MOMENT = 100_000;

    private final long seed;
    private final Trace trace;
    private final EventHeap heap = new EventHeap();
    private long nowNanos;
    private long lastOrder;
    private long eventsOfMoment;
    private long executed;
    private int depth;
    private Violation violation;

    World(long seed, Trace trace) {
        this.seed = seed;
        this.trace = trace;
    }

    long nowNanos() {
        return nowNanos;
    }

    Trace trace() {
        return trace;
    }

    /** Events that have happened. */
    long executed() {
        return executed;
    }

    /** Chance for one component, independent of what the others draw. */
    SplittableRandom random(String component) {
        long mixed = seed;
        for (byte b : component.getBytes(StandardCharsets.UTF_8)) {
            mixed = (mixed ^ b) * 0x9E3779B97F4A7C15L;
            mixed ^= mixed >>> 32;
        }
        return new SplittableRandom(mixed);
    }

    Event after(long delayNanos, Runnable action) {
        return at(nowNanos + Math.max(0, delayNanos), action);
    }

    Event at(long atNanos, Runnable action) {
        Event event = new Event(++lastOrder, action);
        heap.add(Math.max(atNanos, nowNanos), event);
        return event;
    }

    /** Lets things happen until a moment, which it is then. */
    void runUntil(long untilNanos) {
        run(untilNanos, () -> false);
        nowNanos = Math.max(nowNanos, untilNanos);
    }

    /** Lets things happen until a moment, but no longer than until something has become true. */
    void run(long untilNanos, BooleanSupplier done) {
        while (!done.getAsBoolean()) {
            if (heap.isEmpty() || heap.firstNanos() > untilNanos) {
                return;
            }
            long atNanos = heap.firstNanos();
            Runnable action = heap.removeFirst().action;
            if (action == null) {
                continue;
            }
            if (atNanos > nowNanos) {
                nowNanos = atNanos;
                eventsOfMoment = 0;
            } else if (++eventsOfMoment > MAX_EVENTS_PER_MOMENT) {
                throw fail("halt", "time stands still: something turns in circles");
            }
            executed++;
            action.run();
            if (violation != null) {
                throw new InvariantBroken(violation, null);
            }
        }
    }

    /**
     * Lets the caller, a simulated thread, be blocked for a time in which everybody else goes on. Threads that block while
     * others are blocked are released in the opposite order.
     *
     * @param gone whether the process of the caller has ended meanwhile
     */
    void block(long nanos, BooleanSupplier gone) {
        long untilNanos = nowNanos + nanos;
        depth++;
        try {
            run(untilNanos, gone);
        } finally {
            depth--;
        }
        if (gone.getAsBoolean()) {
            throw new PowerLoss();
        }
        nowNanos = Math.max(nowNanos, untilNanos);
    }

    /** How many simulated threads are blocked on the stack. */
    int depth() {
        return depth;
    }

    /** Ends the run. What is thrown may get lost in code that catches everything; the run ends all the same. */
    InvariantBroken fail(String invariant, String detail) {
        return fail(invariant, detail, null);
    }

    InvariantBroken fail(String invariant, String detail, Throwable cause) {
        if (violation == null) {
            violation = new Violation(invariant, detail, nowNanos);
            if (trace.isReadable()) {
                trace.line(nowNanos, "!!", invariant + ": " + detail);
            }
        }
        return new InvariantBroken(violation, cause);
    }

    Optional<Violation> violation() {
        return Optional.ofNullable(violation);
    }
}
