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
 * Finds a part of one partition that can't be explained, as short as can be told with the work that is allowed.
 *
 * <p>First, the shortest prefix: up to which answer can all be explained? What is linearizable has linearizable prefixes, so
 * halving finds it.
 *
 * <p>Then, operations are set free: an operation that is set free may have taken effect, with its answer and between its call
 * and return, or not at all. What is left can't be explained <em>whatever</em> the free ones did. Merely leaving operations
 * out would prove nothing: any read becomes unexplainable without its write.
 *
 * <p>What is left can't be made shorter by setting any one of it free as well: the more are free, the more can be explained. Where
 * it is little work, all choices that are smaller by one are tried, too; if each of them can be explained, it is the shortest.
 *
 * <p>At last, those free ones come back which explain the rest as soon as any one of it is set free as well: without the
 * write, nobody would see what is wrong with the read.
 */
final class Explainer<S> {
    /** Setting one operation free is given up when it costs more than so many situations, and the operation stays. */
    private static final int MAX_CONFIGURATIONS_PER_TRIAL = 1_000;

    /** Smaller choices are tried if these are no more, counted in operations: each trial looks at all of the prefix. */
    private static final long MAX_OPERATIONS_OF_TRIALS = 200_000;

    private final Model<S> model;
    private final int maxConfigurations;
    private final Deadline deadline;
    private final History.Form form;
    private boolean prefixIsShortest = true;
    private boolean gaveUp;

    /** @param form of the history, which tells what its times are */
    Explainer(Model<S> model, History.Form form, int maxConfigurations, Deadline deadline) {
        this.model = model;
        this.form = form;
        this.maxConfigurations = maxConfigurations;
        this.deadline = deadline;
    }

    /** Explains a partition that is not linearizable. */
    Counterexample explain(List<Operation> partition) {
        List<Operation> prefix = shortestPrefix(partition);
        List<Operation> needed = needed(prefix);
        boolean irreducible = !gaveUp && !deadline.isOver();
        Shortness shortness = deadline.isOver() ? Shortness.NO_TIME : Shortness.TOO_HARD;
        if (irreducible) {
            needed = shortest(prefix, needed);
            shortness = gaveUp ? Shortness.IRREDUCIBLE : Shortness.SHORTEST;
        }
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
                shortness,
                form,
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
        // Else answers before the last may lack an explanation, too.
        prefixIsShortest = !gaveUp && low == high;
        gaveUp = false;
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
        int size = Math.max(1, needed.size() / 2);
        while (size > 0) {
            int before = needed.size();
            int at = 0;
            gaveUp = false;
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
            // What was too much work may be less now that others are free.
            boolean again = size == 1 && gaveUp && needed.size() < before;
            size = again ? size : size / 2;
        }
        return needed;
    }

    /**
     * The fewest operations that can't be explained, if that is little work; else the same again, and it is noted that looking was
     * given up. What can't be explained can't be with more operations either, so it is enough to try choices that are smaller by
     * one. Everything before the last answer can be explained, so that one is always needed.
     */
    private List<Operation> shortest(List<Operation> prefix, List<Operation> irreducible) {
        List<Operation> answered = answered(prefix);
        long lastReturn =
                answered.stream().mapToLong(Operation::returnNanos).max().orElseThrow();
        List<Operation> last = answered.stream()
                .filter(operation -> operation.returnNanos() == lastReturn)
                .toList();
        boolean lastIsNeeded = prefixIsShortest && last.size() == 1;
        List<Operation> fixed = lastIsNeeded ? last : List.of();
        List<Operation> others = lastIsNeeded ? without(answered, last) : answered;
        List<Operation> best = irreducible;
        while (best.size() > Math.max(1, fixed.size())) {
            int chosen = best.size() - 1 - fixed.size();
            if (choices(others.size(), chosen) > MAX_OPERATIONS_OF_TRIALS / prefix.size()) {
                gaveUp = true;
                return best;
            }
            List<Operation> smaller = anyImpossible(prefix, others, fixed, chosen, 0);
            if (smaller.isEmpty()) {
                gaveUp |= deadline.isOver();
                return best;
            }
            best = inOrder(smaller);
        }
        return best;
    }

    /** Some choice of so many more operations that can't be explained whatever the others did; empty if there is none. */
    private List<Operation> anyImpossible(
            List<Operation> prefix, List<Operation> others, List<Operation> taken, int more, int from) {
        if (deadline.isOver()) {
            return List.of();
        }
        if (more == 0) {
            return isImpossible(taken, without(prefix, taken), MAX_CONFIGURATIONS_PER_TRIAL) ? taken : List.of();
        }
        for (int i = from; i <= others.size() - more; i++) {
            List<Operation> withOneMore = new ArrayList<>(taken);
            withOneMore.add(others.get(i));
            List<Operation> found = anyImpossible(prefix, others, withOneMore, more - 1, i + 1);
            if (!found.isEmpty()) {
                return found;
            }
        }
        return List.of();
    }

    /** In how many ways some of all can be chosen; at most {@link #MAX_OPERATIONS_OF_TRIALS} and one. */
    private static long choices(int all, int some) {
        long ways = 1;
        for (int i = 1; i <= some && ways <= MAX_OPERATIONS_OF_TRIALS; i++) {
            ways = ways * (all - some + i) / i;
        }
        return Math.min(ways, MAX_OPERATIONS_OF_TRIALS + 1);
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
        Search.Outcome outcome =
                search(answered(required), optional, configurations).outcome();
        gaveUp |= outcome == Search.Outcome.GIVEN_UP;
        return outcome == Search.Outcome.IMPOSSIBLE;
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
