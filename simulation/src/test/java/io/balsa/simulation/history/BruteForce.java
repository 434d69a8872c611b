package io.balsa.simulation.history;

import java.util.ArrayList;
import java.util.List;

/** Tries every order of a short history, by the definition and nothing else. */
final class BruteForce {
    private BruteForce() {}

    /**
     * Whether there is an order of all required and some optional operations that the model allows, and in which nothing
     * comes after what was called when it had returned.
     */
    static <S> boolean isPossible(Model<S> model, List<Operation> required, List<Operation> optional) {
        List<Operation> open = new ArrayList<>(required);
        open.addAll(optional);
        return isPossible(model, model.initialState(), open, required.size(), new ArrayList<>());
    }

    private static <S> boolean isPossible(
            Model<S> model, S state, List<Operation> open, int requiredLeft, List<Operation> before) {
        if (requiredLeft == 0) {
            return true;
        }
        for (int i = 0; i < open.size(); i++) {
            Operation next = open.get(i);
            if (before.stream().anyMatch(earlier -> earlier.callNanos() > next.returnNanos())) {
                continue;
            }
            List<Operation> rest = new ArrayList<>(open);
            rest.remove(i);
            before.add(next);
            for (S after : model.step(state, next)) {
                if (isPossible(model, after, rest, i < requiredLeft ? requiredLeft - 1 : requiredLeft, before)) {
                    return true;
                }
            }
            before.remove(before.size() - 1);
        }
        return false;
    }

    /** Whether this order is one that the model allows, in real-time order, with all that is required. */
    static <S> boolean isExplanation(Model<S> model, List<Operation> order, List<Operation> required) {
        List<S> states = List.of(model.initialState());
        long latestCall = Long.MIN_VALUE;
        for (Operation operation : order) {
            if (operation.returnNanos() < latestCall) {
                return false;
            }
            latestCall = Math.max(latestCall, operation.callNanos());
            states = states.stream()
                    .flatMap(state -> model.step(state, operation).stream())
                    .toList();
        }
        return !states.isEmpty() && order.stream().distinct().count() == order.size() && order.containsAll(required);
    }
}
