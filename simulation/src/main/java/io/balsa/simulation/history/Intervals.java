package io.balsa.simulation.history;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Operations in the order of their calls, as arrays for the search. */
final class Intervals {
    private static final int NONE = -1;

    private final Operation[] operations;
    private final long[] calls;
    private final long[] returns;
    private final boolean[] readOnly;
    private final boolean someEnd;

    /** The operation before this one which asked the same and got the same answer. */
    private final int[] sameBefore;

    Intervals(Model<?> model, List<Operation> unordered) {
        operations = unordered.toArray(Operation[]::new);
        Arrays.sort(
                operations, Comparator.comparingLong(Operation::callNanos).thenComparingLong(Operation::returnNanos));
        calls = Arrays.stream(operations).mapToLong(Operation::callNanos).toArray();
        returns = Arrays.stream(operations).mapToLong(Operation::returnNanos).toArray();
        readOnly = new boolean[operations.length];
        someEnd = Arrays.stream(returns).anyMatch(end -> end != Operation.NEVER);
        sameBefore = new int[operations.length];
        Map<Object, Integer> last = new HashMap<>();
        for (int i = 0; i < operations.length; i++) {
            Operation operation = operations[i];
            readOnly[i] = operation.isOk() && model.isReadOnly(operation);
            Integer before = last.put(
                    Arrays.asList(operation.op(), operation.args(), operation.output(), operation.status()), i);
            sameBefore[i] = before == null ? NONE : before;
        }
    }

    int size() {
        return operations.length;
    }

    Operation get(int i) {
        return operations[i];
    }

    long callNanos(int i) {
        return calls[i];
    }

    long returnNanos(int i) {
        return returns[i];
    }

    boolean isReadOnly(int i) {
        return readOnly[i];
    }

    /**
     * Whether an operation that is not done yet can do whatever this one can: it asked the same and got the same answer, was
     * called no later, and must return no later. Then it comes first, which loses nothing and spares the search the other
     * orders.
     *
     * @param from all operations before it are done
     */
    boolean isPrecededByItsLike(int i, int from, BitWords done) {
        for (int before = sameBefore[i]; before >= from; before = sameBefore[before]) {
            if (!done.get(before) && returns[before] <= returns[i]) {
                return true;
            }
        }
        return false;
    }

    /** Whether one that is not used yet could be used after the one moment, but not after the other. */
    boolean anyEndsBetween(long fromNanos, long beforeNanos, BitWords used) {
        if (!someEnd || beforeNanos <= fromNanos) {
            return false;
        }
        for (int i = 0; i < returns.length; i++) {
            if (returns[i] >= fromNanos && returns[i] < beforeNanos && !used.get(i)) {
                return true;
            }
        }
        return false;
    }

    /** Like {@link #isPrecededByItsLike}, of operations that need not take effect: only where neither has an end. */
    boolean isPrecededByItsUnusedLike(int i, BitWords used) {
        if (returns[i] != Operation.NEVER) {
            return false;
        }
        for (int before = sameBefore[i]; before >= 0; before = sameBefore[before]) {
            if (!used.get(before) && returns[before] == Operation.NEVER) {
                return true;
            }
        }
        return false;
    }
}
