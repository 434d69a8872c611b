package io.balsa.simulation.history;

import java.util.List;

/**
 * Counters, 0 at first: {@code get}, {@code add [delta]}, {@code take [delta, floor]}, {@code set [value]},
 * {@code cas [from, to]} and {@code await [limit]}.
 *
 * <ul>
 *   <li>{@code get}: the value.
 *   <li>{@code add}: the sum.
 *   <li>{@code take}, which adds unless the sum is below the floor: the sum, or false.
 *   <li>{@code set}: the value before.
 *   <li>{@code cas}: whether the value was the expected one.
 *   <li>{@code await}: true when the value was seen not above the limit; whoever did not see it knows nothing.
 * </ul>
 */
public final class CounterModel implements Model<CounterModel.State> {
    private static final String NAME = "counter";

    /** What a counter is. */
    public record State(long value) {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public State initialState() {
        return new State(0);
    }

    @Override
    public List<State> step(State state, Operation operation) {
        long value = state.value;
        return switch (operation.op()) {
            case "get" -> onlyIf(answered(operation, value), state);
            case "add" -> {
                long sum = value + number(operation, 0);
                yield onlyIf(answered(operation, sum), new State(sum));
            }
            case "take" -> take(state, operation);
            case "set" -> onlyIf(answered(operation, value), new State(number(operation, 0)));
            case "cas" -> {
                boolean equal = value == number(operation, 0);
                yield Boolean.FALSE.equals(operation.output())
                        ? onlyIf(!equal, state)
                        : onlyIf(equal, new State(number(operation, 1)));
            }
            default -> onlyIf(value <= number(operation, 0), state);
        };
    }

    private static List<State> take(State state, Operation operation) {
        long sum = state.value + number(operation, 0);
        boolean kept = sum < number(operation, 1);
        if (Boolean.FALSE.equals(operation.output())) {
            return onlyIf(kept, state);
        }
        return onlyIf(!kept && answered(operation, sum), new State(sum));
    }

    /** Whether an operation was told this, or nothing. */
    private static boolean answered(Operation operation, long right) {
        return operation.isUnknown() || Long.valueOf(right).equals(operation.output());
    }

    private static long number(Operation operation, int position) {
        return (Long) operation.arg(position);
    }

    private static List<State> onlyIf(boolean possible, State next) {
        return possible ? List.of(next) : List.of();
    }

    @Override
    public boolean tellsNothing(Operation operation) {
        return operation.status() == Status.FAIL || (operation.isUnknown() && onlyLooks(operation));
    }

    @Override
    public boolean isReadOnly(Operation operation) {
        return onlyLooks(operation) || Boolean.FALSE.equals(operation.output());
    }

    private static boolean onlyLooks(Operation operation) {
        return operation.op().equals("get") || operation.op().equals("await");
    }

    @Override
    public void validate(Operation operation) {
        switch (operation.op()) {
            case "get" -> numbers(operation, 0, Long.class);
            case "add", "set" -> numbers(operation, 1, Long.class);
            case "take" -> numbers(operation, 2, Long.class, Boolean.class);
            case "cas" -> numbers(operation, 2, Boolean.class);
            case "await" -> numbers(operation, 1, Boolean.class);
            default ->
                throw Arguments.unknownOperation(
                        NAME, "get, add [delta], take [delta, floor], set [value], cas [from, to] and await [limit]");
        }
        boolean number = operation.output() instanceof Long;
        boolean refusal = Boolean.FALSE.equals(operation.output());
        boolean wrong =
                switch (operation.op()) {
                    case "get", "add", "set" -> !number;
                    case "take" -> !number && !refusal;
                    case "cas" -> !(operation.output() instanceof Boolean);
                    default -> !Boolean.TRUE.equals(operation.output());
                };
        if (operation.isOk() && wrong) {
            throw Arguments.wrong(operation, "its output tells what came of it", operation.output());
        }
    }

    private static void numbers(Operation operation, int count, Class<?>... outputs) {
        Arguments.count(operation, count, count);
        for (int i = 0; i < count; i++) {
            Arguments.number(operation, i);
        }
        Arguments.output(operation, "a whole number, true or false", outputs);
    }

    @Override
    public String describe(State state) {
        return Long.toString(state.value);
    }
}
