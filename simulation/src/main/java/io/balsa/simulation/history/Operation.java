package io.balsa.simulation.history;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * One operation of one client: what it asked, when, and what it was told.
 *
 * @param client who asked; a client asks one thing at a time
 * @param op what was asked, such as {@code put}; each {@link Model} knows its own
 * @param key what it was about; null where there is only one thing
 * @param args what else was given: null, {@link Boolean}, {@link Long}, {@link Double}, {@link String}, or a list of these
 * @param callNanos when it was asked
 * @param returnNanos when the answer came; {@link #NEVER} when none came
 * @param status how it ended
 * @param output the answer, of the same types as arguments
 */
public record Operation(
        String client,
        String op,
        String key,
        List<Object> args,
        long callNanos,
        long returnNanos,
        Status status,
        Object output) {
    /** The return of an operation that did not return. */
    public static final long NEVER = Long.MAX_VALUE;

    public Operation {
        Objects.requireNonNull(client, "client");
        Objects.requireNonNull(op, "op");
        Objects.requireNonNull(status, "status");
        args = Collections.unmodifiableList(new ArrayList<>(args));
        if (returnNanos < callNanos) {
            throw new IllegalArgumentException("it returns at " + returnNanos + ", before its call at " + callNanos);
        }
        if ((status == Status.INFO) != (returnNanos == NEVER)) {
            throw new IllegalArgumentException("an operation with status " + status.spelling()
                    + (status == Status.INFO ? " never returns" : " returns at some time"));
        }
    }

    /** One argument. */
    public Object arg(int position) {
        return args.get(position);
    }

    /** Whether it was answered. */
    public boolean isOk() {
        return status == Status.OK;
    }

    /** Whether it may have taken effect or not. */
    public boolean isUnknown() {
        return status == Status.INFO;
    }

    /** The same, but nobody knows what came of it. */
    public Operation asUnknown() {
        return new Operation(client, op, key, args, callNanos, NEVER, Status.INFO, null);
    }

    /** As one would write the call, such as {@code put k "v"}. */
    public String request() {
        StringBuilder text = new StringBuilder(op);
        if (key != null) {
            text.append(' ').append(key);
        }
        args.forEach(arg -> text.append(' ').append(Values.text(arg)));
        return text.toString();
    }

    /** What came of it, such as {@code ok 7}. */
    public String answer() {
        return switch (status) {
            // Whoever gives nothing asks for something; then null is what there is.
            case OK -> output == null && !args.isEmpty() ? "ok" : "ok " + Values.text(output);
            case FAIL -> "had no effect";
            case INFO -> "unknown";
        };
    }
}
