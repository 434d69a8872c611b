package io.balsa.simulation.history;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Takes down what clients do while they do it.
 *
 * <p>No two moments are equal: where the clock stands still, the recorder goes on by a nanosecond. So the order in which
 * calls and returns were seen is kept, also in virtual time. Thread-safe.
 */
public final class HistoryRecorder {
    /** How many operations a recorder takes unless told otherwise. */
    public static final int DEFAULT_MAX_OPERATIONS = 1_000_000;

    private final LongSupplier nanos;
    private final int maxOperations;
    private final List<Operation> finished = new ArrayList<>();
    private final Set<Handle> pending = new LinkedHashSet<>();
    private long lastNanos = Long.MIN_VALUE;

    /**
     * Begins a history.
     *
     * @param nanos the time, virtual or real
     */
    public HistoryRecorder(LongSupplier nanos) {
        this(nanos, DEFAULT_MAX_OPERATIONS);
    }

    /**
     * Begins a history.
     *
     * @param nanos the time, virtual or real
     * @param maxOperations more are not taken
     */
    public HistoryRecorder(LongSupplier nanos, int maxOperations) {
        this.nanos = Objects.requireNonNull(nanos, "nanos");
        this.maxOperations = maxOperations;
    }

    /**
     * Takes down a call; to be called before the request leaves.
     *
     * @throws IllegalStateException if there are too many operations
     */
    public Handle call(String client, String op, String key, Object... args) {
        return call(client, op, key, new ArrayList<>(Arrays.asList(args)));
    }

    /** Like {@link #call(String, String, String, Object...)}. */
    public synchronized Handle call(String client, String op, String key, Collection<?> args) {
        if (finished.size() + pending.size() >= maxOperations) {
            throw new IllegalStateException("the history has " + maxOperations + " operations; raise maxOperations");
        }
        Handle handle = new Handle(client, op, key, new ArrayList<>(args), now());
        pending.add(handle);
        return handle;
    }

    /** All operations so far, in the order of their calls; what is not answered yet counts as unknown. */
    public synchronized History history() {
        List<Operation> operations = new ArrayList<>(finished);
        for (Handle handle : pending) {
            operations.add(handle.operation(Operation.NEVER, Status.INFO, null));
        }
        operations.sort(Comparator.comparingLong(Operation::callNanos));
        return new History(operations);
    }

    private synchronized void finish(Handle handle, Status status, Object output) {
        if (!pending.remove(handle)) {
            throw new IllegalStateException("'" + handle.op + "' of " + handle.client + " was answered before");
        }
        finished.add(handle.operation(status == Status.INFO ? Operation.NEVER : now(), status, output));
    }

    private long now() {
        long now = nanos.getAsLong();
        lastNanos = lastNanos == Long.MIN_VALUE ? now : Math.max(now, lastNanos + 1);
        return lastNanos;
    }

    /** An operation that is under way. Exactly one of its methods is called, once. */
    public final class Handle {
        private final String client;
        private final String op;
        private final String key;
        private final List<Object> args;
        private final long callNanos;

        private Handle(String client, String op, String key, List<Object> args, long callNanos) {
            this.client = client;
            this.op = op;
            this.key = key;
            this.args = args;
            this.callNanos = callNanos;
        }

        /** It was answered. */
        public void ok(Object output) {
            finish(this, Status.OK, output);
        }

        /** It was answered, with nothing to say. */
        public void ok() {
            ok(null);
        }

        /** It certainly had no effect. */
        public void fail() {
            finish(this, Status.FAIL, null);
        }

        /** It may take effect at any time, or never. */
        public void info() {
            finish(this, Status.INFO, null);
        }

        private Operation operation(long returnNanos, Status status, Object output) {
            return new Operation(client, op, key, args, callNanos, returnNanos, status, output);
        }
    }
}
