package io.balsa.bench.report;

import io.balsa.bench.replication.Setting.Durability;
import io.balsa.bench.replication.Setting.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** What Balsa is to reach, held against what a run measured; most of it as ratios, since only those of one run mean anything. */
public final class Targets {
    private static final String P50 = "p50";
    private static final int MANY = 256;
    private static final int MOST = 4096;
    private static final double MICROS_PER_MILLI = 1_000;
    private static final double PERCENT = 100;
    private static final double BYTES_PER_MEGABYTE = 1e6;

    private static final int LARGE_BYTES = 1024;
    private static final double LARGE_SHARE = 0.6;
    private static final double FLOOR_SHARE = 0.8;
    /** What index, term, time, lengths and a checksum add to a command in a log. */
    private static final int LOG_OVERHEAD_BYTES = 33;
    /** What they add on the network, where small numbers take fewer bytes and nothing is a checksum. */
    private static final int NETWORK_OVERHEAD_BYTES = 20;

    private final RunRecord run;
    private final Floors floors;
    private final List<Comparison> comparisons;
    private final List<Target> judged = new ArrayList<>();

    private Targets(RunRecord run) {
        this.run = run;
        this.floors = new Floors(run);
        this.comparisons = Comparison.all(run);
    }

    /** All targets, in the order in which they were set. */
    public static List<Target> of(RunRecord run) {
        Targets targets = new Targets(run);
        targets.judgeComparisons();
        targets.judgeReads();
        targets.judgeLoad();
        targets.judgeMemory();
        targets.judgeGrowth();
        targets.judgeApply();
        targets.judgeLocks();
        return List.copyOf(targets.judged);
    }

    // ---- each target -----------------------------------------------------------------------------------------------

    private void judgeComparisons() {
        Environment durable = new Environment(Durability.FSYNC, Network.TCP);
        Environment memory = new Environment(Durability.MEMORY, Network.TCP);
        Environment jvm = new Environment(Durability.MEMORY, Network.SAME_JVM);
        atMost(
                1.15,
                "fsync, TCP, 1 under way: p50 at most 1.15 × (sync of three files + TCP round trip)",
                "%.2f ×",
                both(median(durable, 1), floors.durableMedianMicros(), (p50, floor) -> p50 / floor));
        peer(1.5, "fsync, TCP, 16 under way: operations at least 1.5 × the best peer", rates(durable, 16));
        peer(2, "fsync, TCP, 256 under way: operations at least 2 × the best peer", rates(durable, MANY));
        atMost(
                10,
                "fsync, TCP, 256 under way: p99.9 at most 10 ms",
                "%.1f ms",
                ours(durable, MANY).map(measured -> measured.latencyMicros("p99.9") / MICROS_PER_MILLI));
        peerAtMost(
                0.85,
                "memory, TCP, 1 under way: p50 at most 0.85 × the best peer",
                usual(memory).flatMap(comparison -> comparison.medianRatio(1)));
        peer(1.5, "memory, TCP, 256 under way: operations at least 1.5 × the best peer", rates(memory, MANY));
        for (int count : List.of(1, 16, MANY)) {
            peer(
                    1.2,
                    "memory, same JVM, " + count + " under way: operations at least 1.2 × MicroRaft",
                    rates(jvm, count));
        }
    }

    private void judgeReads() {
        for (Durability durability : Durability.values()) {
            atLeast(
                    3,
                    label(durability) + ", TCP, 256 under way: strong reads (ReadIndex) at least 3 × the writes",
                    "%.2f ×",
                    both(
                            read("LINEARIZABLE", MANY, durability)
                                    .map(read -> read.score().value()),
                            rate(Network.TCP, durability, MANY, 128),
                            (reads, writes) -> reads / writes));
        }
        atMost(
                5,
                "lease reads in process, 1 under way: p50 at most 5 µs",
                "%.1f µs",
                read("LEASE", 1, Durability.FSYNC).map(read -> read.latencyMicros(P50)));
    }

    private void judgeLoad() {
        for (Durability durability : Durability.values()) {
            Optional<Double> usual = rate(Network.TCP, durability, MANY, 128);
            judgeLargeCommands(durability, rate(Network.TCP, durability, MANY, LARGE_BYTES), usual);
            atLeast(
                    1,
                    label(durability) + ", TCP: 4096 under way not slower than 256",
                    "%.2f ×",
                    both(rate(Network.TCP, durability, MOST, 128), usual, (most, many) -> most / many));
        }
    }

    /**
     * Until the disk's or the loopback's bandwidth bounds it: that is where Balsa has four fifths of the bytes that plain files or
     * connections take of writers who do nothing else. A fifth is what the floors themselves differ by from run to run, with what
     * a replicated log has to do besides: so a figure that is far below the floor misses, whatever else keeps it there.
     */
    private void judgeLargeCommands(Durability durability, Optional<Double> large, Optional<Double> small) {
        boolean hasDisk = durability == Durability.FSYNC;
        Optional<Double> floor = hasDisk ? floors.writtenBytesPerSecond() : floors.sentBytesPerSecond();
        double bytes = LARGE_BYTES + (hasDisk ? LOG_OVERHEAD_BYTES : NETWORK_OVERHEAD_BYTES);
        Optional<LargeCommands> measured = both(large, small, (one, other) -> one / other)
                .map(share -> new LargeCommands(
                        share, large.orElseThrow() * bytes, floor, hasDisk ? "three files" : "two receivers"));
        judge(
                label(durability)
                        + ", TCP, 256 under way: 1 KB payload at least 60% of the rate of 128 B, or 80% of the bytes "
                        + (hasDisk
                                ? "that each of three files takes"
                                : "that each of two receivers gets over loopback"),
                measured,
                LargeCommands::isMet,
                LargeCommands::text);
    }

    /**
     * How large commands stand to small ones, and to the floor.
     *
     * @param share of the rate of small commands
     * @param bytesPerSecond of each log, or to each follower
     * @param floor the same of plain files or connections; empty if that was not measured
     */
    private record LargeCommands(double share, double bytesPerSecond, Optional<Double> floor, String takers) {
        boolean isMet() {
            return share >= LARGE_SHARE
                    || floor.filter(most -> bytesPerSecond >= FLOOR_SHARE * most)
                            .isPresent();
        }

        String text() {
            return String.format(Locale.ROOT, "%.0f%%", share * PERCENT)
                    + floor.map(most -> String.format(
                                    Locale.ROOT,
                                    "; %.0f MB/s, %.0f%% of what %s take each (%.0f MB/s)",
                                    bytesPerSecond / BYTES_PER_MEGABYTE,
                                    bytesPerSecond / most * PERCENT,
                                    takers,
                                    most / BYTES_PER_MEGABYTE))
                            .orElse("");
        }
    }

    private void judgeMemory() {
        for (Durability durability : Durability.values()) {
            atMost(
                    500,
                    label(durability) + ", TCP, 256 under way: at most 500 B allocated on the leader per command,"
                            + " those of the client's thread included",
                    "%.0f B",
                    own("AllocationBenchmark", Map.of("durability", durability.name(), "outstanding", "256"))
                            .flatMap(measured -> both(
                                    finding(measured, "leaderBytes"),
                                    finding(measured, "clientBytes"),
                                    (leader, client) -> leader + client)));
        }
        atMost(
                0,
                "fsync, TCP, 4096 under way, three nodes in a heap of 256 MB: no full collection in 60 s",
                "%.0f",
                smallHeap("RUNS").flatMap(measured -> finding(measured, "fullCollections")));
        for (String follower : List.of("CLOSED", "HELD")) {
            atMost(
                    128,
                    "the same with one follower " + (follower.equals("HELD") ? "standing still" : "closed")
                            + ": afterwards at most half of the heap is in use",
                    "%.0f MB",
                    smallHeap(follower).flatMap(measured -> finding(measured, "inUse")));
        }
    }

    private void judgeGrowth() {
        for (Durability durability : Durability.values()) {
            atLeast(
                    0.6,
                    label(durability) + ", TCP, 256 under way: 5 nodes at least 60% of the rate of 3",
                    "%.0f%%",
                    both(
                            grown("NodesBenchmark", durability, "nodes", 5),
                            grown("NodesBenchmark", durability, "nodes", 3)),
                    100);
            atLeast(
                    0.7,
                    label(durability)
                            + ", TCP, 256 under way in all: 100 groups together at least 70% of the rate of one",
                    "%.0f%%",
                    both(groups(durability, 100, MANY), groups(durability, 1, MANY)),
                    100);
            atLeast(
                    0.7,
                    label(durability)
                            + ", TCP, 256 under way in each: 100 groups together at least 70% of the rate of one",
                    "%.0f%%",
                    both(groups(durability, 100, 100 * MANY), groups(durability, 1, MANY)),
                    100);
            atLeast(
                    0.7,
                    label(durability)
                            + ", TCP: 100 groups at their best (25,600 under way) at least 70% of one at its best"
                            + " (4096)",
                    "%.0f%%",
                    both(groups(durability, 100, 100 * MANY), groups(durability, 1, MOST)),
                    100);
        }
    }

    private void judgeApply() {
        Optional<Measurement> apply = own("ApplyBenchmark", Map.of("locks", "1000000"))
                .filter(measured -> measured.trial().method().equals("acquireOrRelease"));
        atMost(
                1_000,
                "state machine: acquiring or releasing a lock at most 1 µs with 1 M locks",
                "%.0f ns",
                apply.map(measured -> measured.score().value()));
        atMost(
                300,
                "state machine: at most 300 B for each held lock",
                "%.0f B",
                apply.flatMap(measured -> finding(measured, "bytesPerLock")));
    }

    private void judgeLocks() {
        for (int count : List.of(1, MANY)) {
            String what = "locks of three servers, durable, TCP, " + count + " under way: acquired and released ";
            atLeast(10, what + "at least 10 × as fast as at ZooKeeper", "%.2f ×", besides("ZOOKEEPER", count));
            atLeast(10, what + "at least 10 × as fast as at Consul", "%.2f ×", besides("CONSUL", count));
            atLeast(1, what + "not slower than at one Redis that syncs always", "%.2f ×", besides("REDIS", count));
        }
    }

    private Optional<Double> besides(String backend, int count) {
        return both(locks("NATIVE", count), locks(backend, count));
    }

    // ---- what was measured -----------------------------------------------------------------------------------------

    private Optional<Comparison> usual(Environment environment) {
        return comparisons.stream()
                .filter(comparison ->
                        comparison.isUsual() && comparison.environment().equals(environment))
                .findFirst();
    }

    private Optional<Comparison.Ratio> rates(Environment environment, int count) {
        return usual(environment).flatMap(comparison -> comparison.rateRatio(count));
    }

    private Optional<Measurement> ours(Environment environment, int count) {
        return usual(environment)
                .flatMap(comparison -> comparison.measured(count, "balsa"))
                .map(Outcome.Measured::mean);
    }

    private Optional<Double> median(Environment environment, int count) {
        return ours(environment, count).map(measured -> measured.latencyMicros(P50));
    }

    private Optional<Double> rate(Network network, Durability durability, int count, int payloadBytes) {
        return comparisons.stream()
                .filter(comparison -> comparison.nodes() == 3
                        && comparison.payloadBytes() == payloadBytes
                        && comparison.environment().equals(new Environment(durability, network)))
                .findFirst()
                .flatMap(comparison -> comparison.measured(count, "balsa"))
                .map(Outcome.Measured::rate);
    }

    private Optional<Measurement> own(String benchmark, Map<String, String> parameters) {
        return run.meansOf(benchmark).stream()
                .filter(measured -> parameters.entrySet().stream()
                        .allMatch(wanted ->
                                measured.trial().parameter(wanted.getKey()).equals(wanted.getValue())))
                .findFirst();
    }

    private Optional<Measurement> read(String consistency, int count, Durability durability) {
        return own(
                "ReadBenchmark",
                Map.of(
                        "consistency",
                        consistency,
                        "outstanding",
                        String.valueOf(count),
                        "durability",
                        durability.name()));
    }

    private Optional<Measurement> smallHeap(String follower) {
        return own("SmallHeapBenchmark", Map.of("follower", follower));
    }

    private Optional<Double> grown(String benchmark, Durability durability, String parameter, int value) {
        return own(benchmark, Map.of("durability", durability.name(), parameter, String.valueOf(value)))
                .map(measured -> measured.score().value());
    }

    private Optional<Double> groups(Durability durability, int groups, int outstanding) {
        return own(
                        "GroupsBenchmark",
                        Map.of(
                                "durability", durability.name(),
                                "log", "SHARED",
                                "groups", String.valueOf(groups),
                                "outstanding", String.valueOf(outstanding)))
                .map(measured -> measured.score().value());
    }

    private Optional<Double> locks(String backend, int count) {
        return own("LockBenchmark", Map.of("backend", backend, "outstanding", String.valueOf(count)))
                .map(measured -> measured.score().value());
    }

    private static Optional<Double> finding(Measurement measured, String name) {
        return Optional.ofNullable(measured.further().get(name)).map(Figure::value);
    }

    private static String label(Durability durability) {
        return durability == Durability.FSYNC ? "fsync" : "memory";
    }

    // ---- judging ---------------------------------------------------------------------------------------------------

    /** Computes one figure of two. */
    @FunctionalInterface
    private interface Combination {
        double of(double one, double other);
    }

    private static Optional<Double> both(Optional<Double> one, Optional<Double> other, Combination combination) {
        return one.flatMap(first -> other.map(second -> combination.of(first, second)));
    }

    private static Optional<Double> both(Optional<Double> part, Optional<Double> whole) {
        return both(part, whole, (one, other) -> one / other);
    }

    private void peer(double least, String text, Optional<Comparison.Ratio> ratio) {
        judge(text, ratio, is -> is.value() >= least, Comparison.Ratio::text);
    }

    private void peerAtMost(double most, String text, Optional<Comparison.Ratio> ratio) {
        judge(text, ratio, is -> is.value() <= most, Comparison.Ratio::text);
    }

    private void atLeast(double least, String text, String format, Optional<Double> value) {
        atLeast(least, text, format, value, 1);
    }

    private void atLeast(double least, String text, String format, Optional<Double> value, double factor) {
        judge(text, value, is -> is >= least, is -> String.format(Locale.ROOT, format, is * factor));
    }

    private void atMost(double most, String text, String format, Optional<Double> value) {
        judge(text, value, is -> is <= most, is -> String.format(Locale.ROOT, format, is));
    }

    private <T> void judge(String text, Optional<T> value, Predicate<T> isMet, Function<T, String> shown) {
        judged.add(value.map(is ->
                        new Target(text, isMet.test(is) ? Target.Verdict.MET : Target.Verdict.MISSED, shown.apply(is)))
                .orElseGet(() -> new Target(text, Target.Verdict.NOT_MEASURED, "")));
    }
}
