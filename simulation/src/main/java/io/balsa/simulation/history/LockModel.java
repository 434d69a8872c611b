package io.balsa.simulation.history;

import java.util.List;
import java.util.Objects;

/**
 * Locks with fencing tokens, free at first: {@code acquire [guaranteedMillis]}, {@code release [token]},
 * {@code renew [token, guaranteedMillis]}, {@code expire [token]} and {@code show}.
 *
 * <p>The order of the log decides who holds a lock, one at a time, and tokens grow strictly. A lock with a time to live can be
 * lost without a release, at a moment that no client sees. So the model lets go of a holder only when an answer proves that
 * it was gone: a grant with a larger token, a release or renewal that was refused, a look that found the lock free. Until
 * then it is held. After that, its release and renewal can't succeed any more.
 *
 * <p>A guarantee makes it strict: for so many milliseconds from its <em>call</em> on, a granted acquire or renewal can't have
 * been lost but by release. Whoever records it subtracts the drift of clocks, and gives none where the end of a session can
 * take the lock earlier. Without guarantees, an expiry is possible at once.
 *
 * <ul>
 *   <li>{@code acquire}: the token; null or false when it was held at some time during the call, and not granted.
 *   <li>{@code release}, {@code renew}: true or null; false when the token did not hold the lock any more.
 *   <li>{@code expire}: an observer was told that the token does not hold the lock any more.
 *   <li>{@code show}: the holder's token; null or false when free.
 * </ul>
 */
public final class LockModel implements Model<LockModel.State> {
    private static final String NAME = "lock";
    private static final long NOBODY = 0;
    private static final long NOT_TOLD = -1;
    private static final long NANOS_PER_MILLI = 1_000_000;

    /**
     * Who holds a lock.
     *
     * @param holder its token, {@link #NOBODY}, or {@link #NOT_TOLD} when a client was granted it without being told
     * @param largest token that is known to have been granted
     * @param guaranteedUntilNanos before this moment the holder can't have lost it
     * @param notBeforeNanos all that comes happens at this moment or later, for an expiry had to be waited for
     */
    public record State(long holder, long largest, long guaranteedUntilNanos, long notBeforeNanos) {
        private State free() {
            return new State(NOBODY, largest, Long.MIN_VALUE, notBeforeNanos);
        }

        private State heldBy(long token, long untilNanos) {
            return new State(token, Math.max(token, largest), untilNanos, notBeforeNanos);
        }

        /** Free by itself, if it was not. */
        private State expired() {
            return new State(NOBODY, largest, Long.MIN_VALUE, Math.max(notBeforeNanos, guaranteedUntilNanos));
        }

        private boolean mayBeHeldBy(long token) {
            return holder == NOT_TOLD ? token > largest : holder == token;
        }

        /** Whether something that happens now can have ended by then. */
        private boolean canBeBefore(long returnNanos) {
            return notBeforeNanos <= returnNanos;
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public State initialState() {
        return new State(NOBODY, NOBODY, Long.MIN_VALUE, Long.MIN_VALUE);
    }

    @Override
    public List<State> step(State state, Operation operation) {
        State next =
                switch (operation.op()) {
                    case "acquire" -> acquire(state, operation);
                    case "release" -> release(state, operation);
                    case "renew" -> renew(state, operation);
                    case "expire" -> refused(state, operation);
                    default -> show(state, operation);
                };
        return next != null && next.canBeBefore(operation.returnNanos()) ? List.of(next) : List.of();
    }

    private static State acquire(State state, Operation operation) {
        if (operation.isUnknown()) {
            return state.expired().heldBy(NOT_TOLD, Long.MIN_VALUE);
        } else if (operation.output() instanceof Long token) {
            return token > state.largest ? state.expired().heldBy(token, guaranteedUntilNanos(operation, 0)) : null;
        }
        return state.holder == NOBODY ? null : state;
    }

    private static State release(State state, Operation operation) {
        if (Boolean.FALSE.equals(operation.output())) {
            return refused(state, operation);
        }
        long token = token(operation);
        return state.mayBeHeldBy(token) ? state.heldBy(token, Long.MIN_VALUE).free() : null;
    }

    private static State renew(State state, Operation operation) {
        if (Boolean.FALSE.equals(operation.output())) {
            return refused(state, operation);
        }
        long token = token(operation);
        long untilNanos = Math.max(state.guaranteedUntilNanos, guaranteedUntilNanos(operation, 1));
        return state.mayBeHeldBy(token) ? state.heldBy(token, untilNanos) : null;
    }

    /** The token does not hold the lock. If it held it until now, then it has expired. */
    private static State refused(State state, Operation operation) {
        return state.holder == token(operation) ? state.expired() : state;
    }

    private static State show(State state, Operation operation) {
        if (operation.output() instanceof Long token) {
            return state.mayBeHeldBy(token) ? state.heldBy(token, state.guaranteedUntilNanos) : null;
        }
        return state.holder == NOBODY ? state : state.expired();
    }

    private static long token(Operation operation) {
        return (Long) operation.arg(0);
    }

    private static long guaranteedUntilNanos(Operation operation, int position) {
        if (operation.args().size() <= position || operation.arg(position) == null) {
            return Long.MIN_VALUE;
        }
        return operation.callNanos() + (Long) operation.arg(position) * NANOS_PER_MILLI;
    }

    @Override
    public boolean tellsNothing(Operation operation) {
        boolean effectMatters =
                operation.op().equals("acquire") || operation.op().equals("release");
        return operation.status() == Status.FAIL || (operation.isUnknown() && !effectMatters);
    }

    /** Also what proves that a lock expired: it does not make it expire. */
    @Override
    public boolean isReadOnly(Operation operation) {
        return switch (operation.op()) {
            case "show", "expire" -> true;
            case "acquire" -> !(operation.output() instanceof Long);
            default -> Boolean.FALSE.equals(operation.output());
        };
    }

    @Override
    public void validate(Operation operation) {
        switch (operation.op()) {
            case "acquire" -> {
                validateGuarantee(operation, 0);
                validateToken(operation);
            }
            case "release", "expire" -> {
                Arguments.count(operation, 1, 1);
                validateTokenArgument(operation);
                Arguments.output(operation, "true, false or null", Boolean.class);
            }
            case "renew" -> {
                Arguments.count(operation, 1, 2);
                validateTokenArgument(operation);
                validateGuarantee(operation, 1);
                Arguments.output(operation, "true, false or null", Boolean.class);
            }
            case "show" -> {
                Arguments.count(operation, 0, 0);
                validateToken(operation);
            }
            default ->
                throw Arguments.unknownOperation(
                        NAME,
                        "acquire [guaranteedMillis], release [token], renew [token, guaranteedMillis], expire [token]"
                                + " and show");
        }
    }

    private static void validateGuarantee(Operation operation, int position) {
        Arguments.count(operation, position, position + 1);
        if (operation.args().size() > position && operation.arg(position) != null) {
            Arguments.number(operation, position);
        }
    }

    private static void validateTokenArgument(Operation operation) {
        Arguments.number(operation, 0);
        if ((Long) operation.arg(0) <= 0) {
            throw Arguments.wrong(operation, "a token is a number above 0", operation.arg(0));
        }
    }

    private static void validateToken(Operation operation) {
        Arguments.output(operation, "a token, null or false", Long.class, Boolean.class);
        boolean wrong = operation.output() instanceof Long token && token <= 0;
        if (wrong || Objects.equals(operation.output(), true)) {
            throw Arguments.wrong(operation, "a token is a number above 0", operation.output());
        }
    }

    @Override
    public String describe(State state) {
        if (state.holder == NOBODY) {
            return state.largest == NOBODY ? "free" : "free, largest token " + state.largest;
        }
        return "held by " + (state.holder == NOT_TOLD ? "an unknown token above " + state.largest : state.holder);
    }
}
