package io.balsa.simulation.history;

import java.util.List;
import java.util.function.Predicate;

/**
 * What one copy of the data would answer when it is asked one thing after the other.
 *
 * <p>A model is a pure function, and its states are compared by {@code equals}. For operations whose outcome is unknown,
 * the next states must not depend on the client and on the times.
 *
 * @param <S> the states of one partition, which are independent of those of all others
 */
public interface Model<S> {
    /** What it is called on the command line. */
    String name();

    /** The state before the first operation. */
    S initialState();

    /**
     * Carries out one operation.
     *
     * @param operation one that was answered, or whose outcome is unknown; then the effect is meant
     * @return every state that there may be after it; none if that answer is impossible in this state
     */
    List<S> step(S state, Operation operation);

    /**
     * Makes sure that it knows this operation, its arguments and its output.
     *
     * @throws IllegalArgumentException if it does not; the message says what it knows instead
     */
    void validate(Operation operation);

    /** Operations of different partitions don't affect each other. Null is a partition too. */
    default String partition(Operation operation) {
        return operation.key();
    }

    /** Whether an operation can have no effect and has no answer, as a read that timed out. */
    default boolean tellsNothing(Operation operation) {
        return operation.status() == Status.FAIL;
    }

    /**
     * Whether an operation that was answered like this has no effect in any state: it may tell something about the state, but
     * does not change it. Saying so where it holds makes checks fast.
     */
    default boolean isReadOnly(Operation operation) {
        return false;
    }

    /**
     * Whether an operation can still be answered as it was, beginning in this state; true when in doubt. A no ends a search
     * in vain before it begins.
     *
     * @param later an operation that is to come
     * @param upcoming the others that may come before it
     */
    default boolean isWithinReach(S state, Operation later, Upcoming upcoming) {
        return true;
    }

    /** The operations that may take effect before another one. */
    interface Upcoming {
        /** Whether one of them is like this. */
        boolean any(Predicate<Operation> condition);
    }

    /** A state as people say it, such as {@code "x"}. */
    String describe(S state);
}
