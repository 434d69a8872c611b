package io.balsa.bench.report;

import io.balsa.bench.replication.Setting.Durability;
import io.balsa.bench.replication.Setting.Network;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** The products side by side in one environment, with groups of one size and commands of one size. */
final class Comparison {
    private static final int USUAL_NODES = 3;
    private static final int USUAL_PAYLOAD_BYTES = 128;

    private final Kind kind;
    private final Set<Integer> outstanding = new TreeSet<>();
    private final List<String> products;
    private final List<String> unfit;
    private final Map<Place, Outcome> outcomes = new HashMap<>();

    private record Kind(Environment environment, int nodes, int payloadBytes) {}

    private record Place(int outstanding, String product) {}

    /** What Balsa achieved as a multiple of what a peer did. */
    record Ratio(RoundRatio ofRounds, String peer) {
        double value() {
            return ofRounds.value();
        }

        /** The ratio and whose, and how far the rounds differ. */
        String text() {
            return String.format(Locale.ROOT, "%.2f × %s%s", value(), peer, ofRounds.rangeText());
        }
    }

    private Comparison(Kind kind, List<Product> all) {
        this.kind = kind;
        this.products = all.stream()
                .filter(product -> product.environments().contains(kind.environment()))
                .map(Product::name)
                .toList();
        this.unfit = all.stream()
                .map(Product::name)
                .filter(name -> !products.contains(name))
                .toList();
    }

    /** Those of a run; the usual sizes first. */
    static List<Comparison> all(RunRecord run) {
        Map<Trial, List<Measurement>> rounds = run.roundsOf(RunRecord.REPLICATION);
        List<Failure> failures = run.failuresOf(RunRecord.REPLICATION);
        Set<Kind> kinds = new LinkedHashSet<>();
        rounds.keySet().forEach(trial -> kinds.add(kindOf(trial)));
        failures.forEach(failure -> kinds.add(kindOf(failure.trial())));
        return kinds.stream()
                .sorted(Comparator.comparing((Kind each) -> each.payloadBytes())
                        .thenComparing(Kind::nodes)
                        .thenComparing(each -> each.environment().durability() == Durability.MEMORY)
                        .thenComparing(each -> each.environment().network() == Network.SAME_JVM))
                .map(kind -> of(kind, run, rounds, failures))
                .toList();
    }

    private static Comparison of(
            Kind kind, RunRecord run, Map<Trial, List<Measurement>> rounds, List<Failure> failures) {
        Comparison comparison = new Comparison(kind, run.products());
        Stream.concat(rounds.keySet().stream(), failures.stream().map(Failure::trial))
                .filter(trial -> kindOf(trial).equals(kind))
                .distinct()
                .forEach(trial -> comparison.put(
                        trial,
                        rounds.getOrDefault(trial, List.of()),
                        failures.stream()
                                .filter(failure -> failure.trial().equals(trial))
                                .map(Failure::reason)
                                .findFirst()));
        return comparison;
    }

    private void put(Trial trial, List<Measurement> rounds, Optional<String> failure) {
        int count = Integer.parseInt(trial.parameter("outstanding"));
        outstanding.add(count);
        Outcome outcome = rounds.isEmpty()
                ? new Outcome.Failed(failure.orElse("no reason was given"))
                : new Outcome.Measured(rounds, failure);
        outcomes.put(new Place(count, trial.parameter("product")), outcome);
    }

    private static Kind kindOf(Trial trial) {
        return new Kind(
                new Environment(
                        Durability.valueOf(trial.parameter("durability")), Network.valueOf(trial.parameter("network"))),
                Integer.parseInt(trial.parameter("nodes")),
                Integer.parseInt(trial.parameter("payloadBytes")));
    }

    Environment environment() {
        return kind.environment();
    }

    int nodes() {
        return kind.nodes();
    }

    int payloadBytes() {
        return kind.payloadBytes();
    }

    /** Whether it is of the sizes that targets are for. */
    boolean isUsual() {
        return kind.nodes() == USUAL_NODES && kind.payloadBytes() == USUAL_PAYLOAD_BYTES;
    }

    String label() {
        return kind.environment().label()
                + (kind.payloadBytes() == USUAL_PAYLOAD_BYTES ? "" : ", " + kind.payloadBytes() + " B")
                + (kind.nodes() == USUAL_NODES ? "" : ", " + kind.nodes() + " nodes");
    }

    /** How many commands are under way, ascending. */
    Set<Integer> outstanding() {
        return outstanding;
    }

    /** That run in this environment, whether they did or not. */
    List<String> products() {
        return products;
    }

    /** That don't run in this environment. */
    List<String> unfit() {
        return unfit;
    }

    /** That were asked at least once here. */
    List<String> asked() {
        return products.stream()
                .filter(product ->
                        outstanding.stream().anyMatch(count -> outcomes.containsKey(new Place(count, product))))
                .toList();
    }

    /** That could run here, but were asked for nothing. */
    List<String> notAsked() {
        List<String> asked = asked();
        return products.stream().filter(product -> !asked.contains(product)).toList();
    }

    Outcome of(int count, String product) {
        return outcomes.getOrDefault(new Place(count, product), new Outcome.NotRun());
    }

    Optional<Outcome.Measured> measured(int count, String product) {
        return of(count, product) instanceof Outcome.Measured measured ? Optional.of(measured) : Optional.empty();
    }

    /** Balsa's rate over that of the fastest peer. */
    Optional<Ratio> rateRatio(int count) {
        return ratio(count, round -> round.score().value(), Comparator.reverseOrder());
    }

    /** Balsa's median latency over the lowest of the peers. */
    Optional<Ratio> medianRatio(int count) {
        return ratio(count, round -> round.latencyMicros("p50"), Comparator.naturalOrder());
    }

    private Optional<Ratio> ratio(int count, ToDoubleFunction<Measurement> figure, Comparator<Double> bestFirst) {
        Optional<String> best = products.stream()
                .filter(product -> !Product.isOurs(product))
                .filter(product -> measured(count, product)
                        .filter(measured -> !Double.isNaN(figure.applyAsDouble(measured.mean())))
                        .isPresent())
                .min(Comparator.comparing(
                        product -> figure.applyAsDouble(
                                measured(count, product).orElseThrow().mean()),
                        bestFirst));
        return best.flatMap(peer -> products.stream()
                .filter(Product::isBalsa)
                .findFirst()
                .flatMap(ours -> measured(count, ours))
                .map(ours -> new Ratio(
                        RoundRatio.of(
                                ours.ofRounds(figure),
                                measured(count, peer).orElseThrow().ofRounds(figure)),
                        peer)));
    }
}
