package io.balsa.simulation.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Judges whether one copy of the data, asked one thing after the other, could have answered as it was observed: each
 * operation taking effect at one moment between its call and its return (Herlihy and Wing).
 *
 * <p>Each partition is judged by itself, for a history is linearizable exactly if each of its objects is. Operations that
 * touch at one moment count as concurrent. Immutable; a check keeps what it needs to itself.
 */
public final class LinearizabilityChecker {
    private final Limits limits;
    private final LongSupplier nanos;

    /** A checker with the default limits. */
    public LinearizabilityChecker() {
        this(Limits.DEFAULT);
    }

    /** A checker that gives up at these limits. */
    public LinearizabilityChecker(Limits limits) {
        this(limits, System::nanoTime);
    }

    /**
     * A checker whose time is told by this clock.
     *
     * @param nanos monotonic
     */
    LinearizabilityChecker(Limits limits, LongSupplier nanos) {
        this.limits = Objects.requireNonNull(limits, "limits");
        this.nanos = Objects.requireNonNull(nanos, "nanos");
    }

    /**
     * Judges a history.
     *
     * @throws WrongModelException if the model does not know an operation
     */
    public <S> Verdict check(Model<S> model, History history) {
        List<List<Operation>> partitions = partition(model, history);
        Deadline deadline = Deadline.in(limits.time(), nanos);
        String reason = "";
        for (int i = 0; i < partitions.size(); i++) {
            List<Operation> partition = partitions.get(i);
            // A hard partition must not use up the time of those after it.
            Deadline partDeadline = deadline.part(partitions.size() - i);
            Search.Result<S> result = search(model, partition, partDeadline);
            if (result.outcome() == Search.Outcome.IMPOSSIBLE) {
                Explainer<S> explainer = new Explainer<>(
                        model, history.form(), limits.maxConfigurations(), Deadline.in(limits.time(), nanos));
                return new Verdict(
                        Verdict.Outcome.NOT_LINEARIZABLE,
                        history.size(),
                        partitions.size(),
                        "",
                        Optional.of(explainer.explain(partition)));
            } else if (result.outcome() == Search.Outcome.GIVEN_UP && reason.isEmpty()) {
                String key = model.partition(partition.get(0));
                reason = (key == null ? "" : "key " + key + ": ") + result.whyGivenUp();
            }
        }
        return new Verdict(
                reason.isEmpty() ? Verdict.Outcome.LINEARIZABLE : Verdict.Outcome.UNKNOWN,
                history.size(),
                partitions.size(),
                reason,
                Optional.empty());
    }

    private <S> Search.Result<S> search(Model<S> model, List<Operation> partition, Deadline deadline) {
        List<Operation> required = partition.stream().filter(Operation::isOk).toList();
        List<Operation> optional =
                partition.stream().filter(Operation::isUnknown).toList();
        return new Search<>(model, required, optional, limits.maxConfigurations(), deadline).run();
    }

    /** Those that tell something, by partition, the smallest partition first: that is judged, and explained, soonest. */
    private static <S> List<List<Operation>> partition(Model<S> model, History history) {
        Map<String, List<Operation>> byPartition = new LinkedHashMap<>();
        for (int i = 0; i < history.size(); i++) {
            Operation operation = history.operations().get(i);
            try {
                model.validate(operation);
            } catch (IllegalArgumentException e) {
                throw new WrongModelException(
                        "operation " + (i + 1) + " (" + operation.client() + ": " + operation.request() + "): "
                                + e.getMessage(),
                        e);
            }
            if (!model.tellsNothing(operation)) {
                byPartition
                        .computeIfAbsent(model.partition(operation), key -> new ArrayList<>())
                        .add(operation);
            }
        }
        return byPartition.values().stream()
                .sorted(Comparator.comparingInt(List::size))
                .toList();
    }
}
