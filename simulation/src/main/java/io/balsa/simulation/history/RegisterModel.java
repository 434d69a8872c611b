package io.balsa.simulation.history;

import java.util.List;
import java.util.Objects;

/**
 * Registers with {@code read}, {@code write [value]} and {@code cas [from, to]}, unset (null) at first.
 *
 * <p>A read's output is the value. The output of {@code cas} is false when the comparison failed.
 */
public final class RegisterModel implements Model<RegisterModel.State> {
    private static final String NAME = "register";

    /**
     * What a register has.
     *
     * @param value null when it is unset
     */
    public record State(Object value) {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public State initialState() {
        return new State(null);
    }

    @Override
    public List<State> step(State state, Operation operation) {
        return switch (operation.op()) {
            case "read" -> onlyIf(Objects.equals(state.value, operation.output()), state);
            case "write" -> List.of(new State(operation.arg(0)));
            default -> compareAndSet(state, operation);
        };
    }

    private static List<State> compareAndSet(State state, Operation operation) {
        boolean equal = Objects.equals(state.value, operation.arg(0));
        if (Boolean.FALSE.equals(operation.output())) {
            return onlyIf(!equal, state);
        }
        return onlyIf(equal, new State(operation.arg(1)));
    }

    private static List<State> onlyIf(boolean possible, State next) {
        return possible ? List.of(next) : List.of();
    }

    @Override
    public boolean tellsNothing(Operation operation) {
        return operation.status() == Status.FAIL
                || (operation.isUnknown() && operation.op().equals("read"));
    }

    @Override
    public boolean isReadOnly(Operation operation) {
        return operation.op().equals("read") || Boolean.FALSE.equals(operation.output());
    }

    @Override
    public boolean isWithinReach(State state, Operation later, Upcoming upcoming) {
        if (later.op().equals("write") || Boolean.FALSE.equals(later.output())) {
            return true;
        }
        Object needed = later.op().equals("read") ? later.output() : later.arg(0);
        return Objects.equals(state.value, needed)
                || upcoming.any(other -> !isReadOnly(other)
                        && Objects.equals(other.arg(other.args().size() - 1), needed));
    }

    @Override
    public void validate(Operation operation) {
        switch (operation.op()) {
            case "read" -> Arguments.count(operation, 0, 0);
            case "write" -> Arguments.count(operation, 1, 1);
            case "cas" -> {
                Arguments.count(operation, 2, 2);
                Arguments.output(operation, "true, false or null", Boolean.class);
            }
            default -> throw Arguments.unknownOperation(NAME, "read, write [value] and cas [from, to]");
        }
    }

    @Override
    public String describe(State state) {
        return Values.text(state.value);
    }
}
