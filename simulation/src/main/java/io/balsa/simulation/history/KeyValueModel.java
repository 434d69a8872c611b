package io.balsa.simulation.history;

import java.util.List;
import java.util.Objects;

/**
 * Keys with values and revisions, absent at first: {@code get}, {@code put [value]}, {@code append [text]}, {@code delete},
 * {@code cas [expected, value]} (expected null: the key is absent) and {@code cas-revision [revision, value]}.
 *
 * <p>Outputs say as much as the client was told:
 * <ul>
 *   <li>{@code get}: the value, null when absent, or {@code [value, revision]}. An absent key also reads as the empty text,
 *       for stores that know no absent keys.
 *   <li>{@code put}, {@code append} and a successful {@code cas}: null, true, or the new revision. Revisions of a key grow.
 *   <li>a {@code cas} whose comparison failed: false, or what was found instead as {@code [value, revision]}.
 *   <li>{@code delete}: whether there was a value, or null.
 * </ul>
 */
public final class KeyValueModel implements Model<KeyValueModel.State> {
    private static final String NAME = "kv";
    private static final long NOT_TOLD = -1;

    /**
     * What a key has.
     *
     * @param present whether it has a value
     * @param value meaningless when absent
     * @param revision of that value; {@link #NOT_TOLD} if no client was told it
     * @param floor every later revision is larger
     */
    public record State(boolean present, Object value, long revision, long floor) {
        private State absent() {
            return new State(false, null, NOT_TOLD, floor);
        }

        private boolean hasValue(Object other) {
            return present && Objects.equals(value, other);
        }

        private boolean mayHaveRevision(long other) {
            return present && (revision == NOT_TOLD ? other > floor : other == revision);
        }

        private State withRevision(long told) {
            return new State(present, value, told, told);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public State initialState() {
        return new State(false, null, NOT_TOLD, 0);
    }

    @Override
    public List<State> step(State state, Operation operation) {
        return switch (operation.op()) {
            case "get" -> observe(state, operation.output());
            case "put" -> write(state, operation.arg(0), operation.output());
            case "append" -> append(state, operation);
            case "delete" -> delete(state, operation.output());
            case "cas" -> compareAndSet(state, operation);
            default -> compareRevisionAndSet(state, operation);
        };
    }

    private static List<State> observe(State state, Object output) {
        if (output == null || output.equals("")) {
            return !state.present || state.hasValue(output) ? List.of(state) : List.of();
        }
        if (!Arguments.isRevisioned(output)) {
            return state.hasValue(output) ? List.of(state) : List.of();
        }
        Object value = ((List<?>) output).get(0);
        long revision = (Long) ((List<?>) output).get(1);
        if (value == null) {
            return state.present ? List.of() : List.of(state);
        }
        boolean possible = state.hasValue(value) && state.mayHaveRevision(revision);
        return possible ? List.of(state.withRevision(revision)) : List.of();
    }

    private static List<State> write(State state, Object value, Object output) {
        if (output instanceof Long revision) {
            return revision > state.floor ? List.of(new State(true, value, revision, revision)) : List.of();
        }
        return List.of(new State(true, value, NOT_TOLD, state.floor));
    }

    private static List<State> append(State state, Operation operation) {
        Object value = state.present ? state.value : "";
        return value instanceof String text ? write(state, text + operation.arg(0), operation.output()) : List.of();
    }

    private static List<State> delete(State state, Object output) {
        if (output instanceof Boolean existed && existed != state.present) {
            return List.of();
        }
        return List.of(state.present ? state.absent() : state);
    }

    private static List<State> compareAndSet(State state, Operation operation) {
        Object expected = operation.arg(0);
        boolean equal = expected == null ? !state.present : state.hasValue(expected);
        if (isMismatch(operation.output())) {
            return equal ? List.of() : mismatch(state, operation.output());
        }
        return equal ? write(state, operation.arg(1), operation.output()) : List.of();
    }

    private static List<State> compareRevisionAndSet(State state, Operation operation) {
        long expected = (Long) operation.arg(0);
        if (isMismatch(operation.output())) {
            boolean certainlyEqual = state.present && state.revision == expected;
            return certainlyEqual ? List.of() : mismatch(state, operation.output());
        }
        return state.mayHaveRevision(expected)
                ? write(state.withRevision(expected), operation.arg(1), operation.output())
                : List.of();
    }

    private static boolean isMismatch(Object output) {
        return Boolean.FALSE.equals(output) || Arguments.isRevisioned(output);
    }

    private static List<State> mismatch(State state, Object output) {
        return Arguments.isRevisioned(output) ? observe(state, output) : List.of(state);
    }

    @Override
    public boolean tellsNothing(Operation operation) {
        return operation.status() == Status.FAIL
                || (operation.isUnknown() && operation.op().equals("get"));
    }

    @Override
    public boolean isReadOnly(Operation operation) {
        return operation.op().equals("get") || isMismatch(operation.output());
    }

    /** For reads: what there is now is the beginning of what is read, or something replaces it by such a beginning. */
    @Override
    public boolean isWithinReach(State state, Operation later, Upcoming upcoming) {
        if (!later.op().equals("get")) {
            return true;
        }
        Object value = Arguments.isRevisioned(later.output()) ? ((List<?>) later.output()).get(0) : later.output();
        if (value == null) {
            return !state.present || upcoming.any(other -> other.op().equals("delete"));
        }
        return isBeginning(state.present ? state.value : "", value)
                || upcoming.any(other -> replacesByBeginningOf(value, other));
    }

    private static boolean replacesByBeginningOf(Object value, Operation other) {
        return switch (other.op()) {
            case "put" -> isBeginning(other.arg(0), value);
            case "cas", "cas-revision" -> isBeginning(other.arg(1), value);
            case "delete" -> true;
            default -> false;
        };
    }

    private static boolean isBeginning(Object part, Object whole) {
        if (part instanceof String beginning && whole instanceof String text) {
            return text.startsWith(beginning);
        }
        return Objects.equals(part, whole);
    }

    @Override
    public void validate(Operation operation) {
        switch (operation.op()) {
            case "get" -> Arguments.count(operation, 0, 0);
            case "put" -> validateWrite(operation, 1);
            case "append" -> {
                validateWrite(operation, 1);
                Arguments.text(operation, 0);
            }
            case "delete" -> {
                Arguments.count(operation, 0, 0);
                Arguments.output(operation, "true, false or null", Boolean.class);
            }
            case "cas" -> validateComparison(operation);
            case "cas-revision" -> {
                validateComparison(operation);
                Arguments.number(operation, 0);
            }
            default ->
                throw Arguments.unknownOperation(
                        NAME,
                        "get, put [value], append [text], delete, cas [expected, value] and cas-revision [revision, value]");
        }
    }

    private static void validateWrite(Operation operation, int args) {
        Arguments.count(operation, args, args);
        Arguments.output(operation, "the revision, true or null", Long.class, Boolean.class);
        if (Boolean.FALSE.equals(operation.output())) {
            throw Arguments.wrong(operation, "its output is the revision, true or null", false);
        }
    }

    private static void validateComparison(Operation operation) {
        Arguments.count(operation, 2, 2);
        String right = "the revision, true, false, [value, revision] or null";
        Arguments.output(operation, right, Long.class, Boolean.class, List.class);
        if (operation.output() instanceof List<?> && !Arguments.isRevisioned(operation.output())) {
            throw Arguments.wrong(operation, "its output is " + right, operation.output());
        }
    }

    @Override
    public String describe(State state) {
        if (!state.present) {
            return "absent";
        }
        return Values.text(state.value) + (state.revision == NOT_TOLD ? "" : " at revision " + state.revision);
    }
}
