package io.balsa.simulation.history;

import io.balsa.simulation.history.Counterexample.Explained;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Finds the shortest part of one partition that can't be explained.
 *
 * <p>First, the shortest prefix: up to which answer can all be explained? What is linearizable has linearizable prefixes, so
 * halving finds it.
 *
 * <p>Then, operations are set free: an operation that is set free may have taken effect, with its answer and between its call
 * and return, or not at all. What is left can't be explained <em>whatever</em> the free ones did. Merely leaving operations
 * out would prove nothing: any read becomes unexplainable without its write.
 *
 * <p>At last, those free ones come back which explain the rest as soon as any one of it is set free as well: without the
 * write, nobody would see what is wrong with the read.
 */
final class Explainer<S> {
    /** Setting one operation free is given up when it costs more than so many situations, and the operation stays. */
    private static final int MAX_CONFIGURATIONS_PER_TRIAL = 1_000;

    private final Model<S> model;
    private final int maxConfigurations;
    private final Deadline deadline;

    Explainer(Model<S> model, int maxConfigurations, Deadline deadline) {
        this.model = model;
        this.maxConfigurations = maxConfigurations;
        this.deadline = deadline;
    }

    /** Explains a partition that is not linearizable. */
    Counterexample explain(List<Operation> partition) {
        List<Operation> prefix = shortestPrefix(partition);
        List<Operation> needed = needed(prefix);
        boolean shortest = !deadline.isOver();
        Set<Operation> part = identitySet(needed);
        part.addAll(causes(prefix, needed));
        List<Operation> shown = inOrder(part);
        Search.Result<S> explanation = new Search<>(model, answered(shown), unknown(shown), maxConfigurations, deadline)
                .rememberingLongest()
                .run();
        Set<Operation> placed = identitySet(List.of());
        explanation.path().forEach(step -> placed.add(step.operation()));
        return new Counterexample(
                model.name(),
                model.partition(partition.get(0)),
                inOrder(partition),
                inOrder(prefix),
                shown,
                shortest,
                explanation.path().stream()
                        .map(step -> new Explained(step.operation(), model.describe(step.after())))
                        .toList(),
                answered(shown).stream()
                        .filter(operation -> !placed.contains(operation))
                        .sorted(Comparator.comparingLong(Operation::returnNanos))
                        .toList());
    }

    private List<Operation> shortestPrefix(List<Operation> partition) {
        long[] returns = answered(partition).stream()
                .mapToLong(Operation::returnNanos)
                .sorted()
                .distinct()
                .toArray();
        int low = 0;
        int high = returns.length - 1;
        while (low < high && !deadline.isOver()) {
            int middle = (low + high) / 2;
            if (isImpossible(until(partition, returns[middle]), List.of(), maxConfigurations)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return until(partition, returns[high]);
    }

    /** What was known at that moment. */
    private List<Operation> until(List<Operation> partition, long nanos) {
        List<Operation> known = new ArrayList<>();
        for (Operation operation : partition) {
            if (operation.callNanos() <= nanos) {
                Operation then = operation.returnNanos() <= nanos ? operation : operation.asUnknown();
                if (!model.tellsNothing(then)) {
                    known.add(then);
                }
            }
        }
        return known;
    }

    /** The answered operations that can't be set free, found by freeing ever smaller pieces, the earliest first. */
    private List<Operation> needed(List<Operation> prefix) {
        List<Operation> needed = new ArrayList<>(answered(inOrder(prefix)));
        List<Operation> free = new ArrayList<>(unknown(prefix));
        for (int size = Math.max(1, needed.size() / 2); size > 0; size /= 2) {
            int at = 0;
            while (at < needed.size() && !deadline.isOver()) {
                List<Operation> piece = List.copyOf(needed.subList(at, Math.min(needed.size(), at + size)));
                List<Operation> rest = without(needed, piece);
                List<Operation> freed = new ArrayList<>(free);
                freed.addAll(piece);
                if (isImpossible(rest, freed, MAX_CONFIGURATIONS_PER_TRIAL)) {
                    needed = rest;
                    free = freed;
                } else {
                    at += piece.size();
                }
            }
        }
        return needed;
    }

    /** Of the others, those by which the rest is explained when any one of the needed ones is set free. */
    private Set<Operation> causes(List<Operation> prefix, List<Operation> needed) {
        Set<Operation> neededSet = identitySet(needed);
        List<Operation> free = prefix.stream()
                .filter(operation -> !neededSet.contains(operation))
                .toList();
        Set<Operation> causes = identitySet(List.of());
        for (Operation one : needed) {
            Search.Result<S> result = search(without(needed, List.of(one)), free, MAX_CONFIGURATIONS_PER_TRIAL);
            if (result.outcome() == Search.Outcome.FOUND) {
                result.path().stream()
                        .map(Step::operation)
                        .filter(operation -> !neededSet.contains(operation))
                        .forEach(causes::add);
            }
        }
        return causes;
    }

    private boolean isImpossible(List<Operation> required, List<Operation> free, int configurations) {
        List<Operation> optional = new ArrayList<>(unknown(required));
        optional.addAll(free);
        return search(answered(required), optional, configurations).outcome() == Search.Outcome.IMPOSSIBLE;
    }

    private Search.Result<S> search(List<Operation> required, List<Operation> optional, int configurations) {
        return new Search<>(model, required, optional, configurations, deadline).run();
    }

    private static List<Operation> answered(Collection<Operation> operations) {
        return operations.stream().filter(Operation::isOk).toList();
    }

    private static List<Operation> unknown(Collection<Operation> operations) {
        return operations.stream().filter(Operation::isUnknown).toList();
    }

    private static List<Operation> without(List<Operation> all, List<Operation> some) {
        Set<Operation> gone = identitySet(some);
        return all.stream().filter(operation -> !gone.contains(operation)).toList();
    }

    private static List<Operation> inOrder(Collection<Operation> operations) {
        return operations.stream()
                .sorted(Comparator.comparingLong(Operation::callNanos).thenComparingLong(Operation::returnNanos))
                .toList();
    }

    private static Set<Operation> identitySet(Collection<Operation> operations) {
        Set<Operation> set = Collections.newSetFromMap(new IdentityHashMap<>());
        set.addAll(operations);
        return set;
    }
}
