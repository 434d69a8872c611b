package io.balsa.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.bench.FloorBenchmark;
import io.balsa.bench.report.Target.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TargetsTest {
    private final RunRecord sample = SampleRun.record();

    private RunRecord with(Measurement... more) {
        List<Measurement> all = new ArrayList<>(sample.measurements());
        all.addAll(Arrays.asList(more));
        return new RunRecord(sample.conditions(), sample.products(), all, sample.failures());
    }

    private static Measurement own(
            String benchmark, Map<String, String> parameters, double score, Map<String, Figure> further) {
        return new Measurement(new Trial(benchmark, "replicate", parameters), new Figure(score, "ops/s"), further);
    }

    private static Measurement balsa(Environment environment, int outstanding, int payloadBytes, double rate) {
        Map<String, String> parameters = new TreeMap<>(SampleRun.replication("balsa", environment, outstanding));
        parameters.put("payloadBytes", String.valueOf(payloadBytes));
        return own(RunRecord.REPLICATION, parameters, rate, Map.of());
    }

    private static Target one(RunRecord run, String part) {
        return Targets.of(run).stream()
                .filter(target -> target.text().contains(part))
                .reduce((first, second) -> {
                    throw new AssertionError("both " + first + " and " + second);
                })
                .orElseThrow();
    }

    @Test
    void ratiosAreOfTheBestPeerInTheSameRun() {
        assertThat(one(sample, "fsync, TCP, 16 under way"))
                .extracting(Target::verdict, Target::measured)
                .containsExactly(Verdict.MET, "1.58 × jgroups-raft (1.58 to 1.58 in 2 rounds)");
        assertThat(one(sample, "256 under way: operations at least 2 ×"))
                .extracting(Target::verdict, Target::measured)
                .containsExactly(Verdict.MISSED, "1.68 × jgroups-raft (1.68 to 1.68 in 2 rounds)");
        assertThat(one(sample, "p50 at most 1.15 ×"))
                .extracting(Target::verdict, Target::measured)
                .containsExactly(Verdict.MET, "0.96 ×");
        assertThat(one(sample, "p50 at most 0.85 ×"))
                .extracting(Target::verdict, Target::measured)
                .containsExactly(Verdict.MET, "0.75 × jgroups-raft (0.75 to 0.75 in 2 rounds)");
    }

    @Test
    void whatWasNotMeasuredIsNeitherMetNorMissed() {
        assertThat(one(sample, "memory, TCP, 256 under way: strong reads"))
                .extracting(Target::verdict)
                .isEqualTo(Verdict.NOT_MEASURED);
        assertThat(one(sample, "lease reads")).extracting(Target::verdict).isEqualTo(Verdict.NOT_MEASURED);
        assertThat(Targets.of(new RunRecord(sample.conditions(), sample.products(), List.of(), List.of())))
                .isNotEmpty()
                .allSatisfy(target -> assertThat(target.verdict()).isEqualTo(Verdict.NOT_MEASURED));
    }

    @Test
    void readsStandBesideTheWritesOfTheirKindOfGroup() {
        double durableWrites = 690_000 * 1.06;
        RunRecord run = with(
                own("ReadBenchmark", strong("FSYNC"), 3.5 * durableWrites, Map.of()),
                // Of the writes in memory there are 2.6 times as many.
                own("ReadBenchmark", strong("MEMORY"), 3.5 * durableWrites, Map.of()));
        assertThat(one(run, "fsync, TCP, 256 under way: strong reads"))
                .extracting(Target::verdict, Target::measured)
                .containsExactly(Verdict.MET, "3.50 ×");
        assertThat(one(run, "memory, TCP, 256 under way: strong reads"))
                .extracting(Target::verdict, Target::measured)
                .containsExactly(Verdict.MISSED, "1.35 ×");
        Map<String, String> lease = Map.of("consistency", "LEASE", "outstanding", "1", "durability", "FSYNC");
        assertThat(one(with(own("ReadBenchmark", lease, 1, Map.of("p50", new Figure(7.25, "us")))), "lease reads"))
                .extracting(Target::verdict, Target::measured)
                .containsExactly(Verdict.MISSED, "7.3 µs");
    }

    private static Map<String, String> strong(String durability) {
        return Map.of("consistency", "LINEARIZABLE", "outstanding", "256", "durability", durability);
    }

    @Test
    void largerCommandsAndMoreOfThemStandBesideTheUsual() {
        double usual = 690_000 * 1.06;
        RunRecord run = with(
                balsa(SampleRun.DURABLE, 256, 1024, usual * 0.59), balsa(SampleRun.DURABLE, 4096, 128, usual * 1.2));
        assertThat(one(run, "fsync, TCP, 256 under way: 1 KB"))
                .extracting(Target::verdict, Target::measured)
                .containsExactly(Verdict.MISSED, "59%");
        assertThat(one(run, "fsync, TCP: 4096"))
                .extracting(Target::verdict, Target::measured)
                .containsExactly(Verdict.MET, "1.20 ×");
    }

    @Test
    void largeCommandsMayBeBoundByTheBandwidthOfTheDiskOrTheNetwork() {
        double usual = 690_000 * 1.06;
        Measurement fast = balsa(SampleRun.DURABLE, 256, 1024, usual / 4);
        // Of the usual payload in memory there are 2.6 times as many.
        Measurement inMemory = balsa(SampleRun.MEMORY_TCP, 256, 1024, usual);
        double logBytes = usual / 4 * (1024 + 33);
        double sentBytes = usual * (1024 + 20);
        RunRecord near = with(
                fast, inMemory, floor("writeBandwidth", logBytes / 0.81), floor("loopbackBandwidth", sentBytes / 0.81));
        assertThat(one(near, "fsync, TCP, 256 under way: 1 KB"))
                .extracting(Target::verdict, Target::measured)
                .containsExactly(Verdict.MET, "25%; 193 MB/s, 81% of what three files take each (239 MB/s)");
        assertThat(one(near, "memory, TCP, 256 under way: 1 KB"))
                .extracting(Target::verdict, Target::measured)
                .containsExactly(Verdict.MET, "38%; 764 MB/s, 81% of what two receivers take each (943 MB/s)");
        RunRecord far = with(fast, floor("writeBandwidth", logBytes / 0.79));
        assertThat(one(far, "fsync, TCP, 256 under way: 1 KB"))
                .extracting(Target::verdict, Target::measured)
                .containsExactly(Verdict.MISSED, "25%; 193 MB/s, 79% of what three files take each (245 MB/s)");
    }

    private static Measurement floor(String method, double bytesPerSecond) {
        return new Measurement(
                new Trial(RunRecord.FLOOR, method, Map.of()),
                new Figure(FloorBenchmark.WRITTEN_BYTES * 1e6 / bytesPerSecond, "us/op"),
                Map.of());
    }

    @Test
    void memoryIsJudgedByWhatTheHeapTells() {
        RunRecord run = with(
                own(
                        "AllocationBenchmark",
                        Map.of("durability", "FSYNC", "outstanding", "256"),
                        1,
                        Map.of("leaderBytes", new Figure(300, "B"), "clientBytes", new Figure(201, "B"))),
                own(
                        "SmallHeapBenchmark",
                        Map.of("follower", "RUNS"),
                        1,
                        Map.of("fullCollections", new Figure(0, "in all"), "inUse", new Figure(60, "MB"))),
                own(
                        "SmallHeapBenchmark",
                        Map.of("follower", "HELD"),
                        1,
                        Map.of("fullCollections", new Figure(2, "in all"), "inUse", new Figure(61, "MB"))));
        assertThat(one(run, "fsync, TCP, 256 under way: at most 500 B"))
                .extracting(Target::verdict, Target::measured)
                .containsExactly(Verdict.MISSED, "501 B");
        assertThat(one(run, "no full collection"))
                .extracting(Target::verdict, Target::measured)
                .containsExactly(Verdict.MET, "0");
        assertThat(one(run, "standing still"))
                .extracting(Target::verdict, Target::measured)
                .containsExactly(Verdict.MET, "61 MB");
    }

    @Test
    void growthIsOfOneBenchmark() {
        RunRecord run = with(
                own("NodesBenchmark", Map.of("durability", "FSYNC", "nodes", "3"), 100, Map.of()),
                own("NodesBenchmark", Map.of("durability", "FSYNC", "nodes", "5"), 60, Map.of()),
                groups("SHARED", "1", "256", 100),
                groups("SHARED", "1", "4096", 400),
                groups("SHARED", "100", "256", 69),
                groups("OWN", "100", "256", 80),
                groups("SHARED", "100", "25600", 300));
        assertThat(one(run, "fsync, TCP, 256 under way: 5 nodes"))
                .extracting(Target::verdict, Target::measured)
                .containsExactly(Verdict.MET, "60%");
        assertThat(one(run, "memory, TCP, 256 under way in all: 100 groups"))
                .extracting(Target::verdict, Target::measured)
                .containsExactly(Verdict.MISSED, "69%");
        assertThat(one(run, "memory, TCP, 256 under way in each: 100 groups"))
                .extracting(Target::verdict, Target::measured)
                .containsExactly(Verdict.MET, "300%");
        assertThat(one(run, "memory, TCP: 100 groups at their best"))
                .extracting(Target::verdict, Target::measured)
                .containsExactly(Verdict.MET, "75%");
    }

    private static Measurement groups(String log, String groups, String outstanding, double rate) {
        return own(
                "GroupsBenchmark",
                Map.of("durability", "MEMORY", "log", log, "groups", groups, "outstanding", outstanding),
                rate,
                Map.of());
    }

    @Test
    void locksStandBesideThoseOfEachOtherService() {
        RunRecord run = with(
                locks("NATIVE", "1", 1),
                locks("NATIVE", "256", 1_000),
                locks("REDIS", "256", 1_250),
                locks("ZOOKEEPER", "256", 100),
                locks("CONSUL", "256", 400));
        assertThat(one(run, "256 under way: acquired and released at least 10 × as fast as at ZooKeeper"))
                .extracting(Target::verdict, Target::measured)
                .containsExactly(Verdict.MET, "10.00 ×");
        assertThat(one(run, "256 under way: acquired and released at least 10 × as fast as at Consul"))
                .extracting(Target::verdict, Target::measured)
                .containsExactly(Verdict.MISSED, "2.50 ×");
        assertThat(one(run, "256 under way: acquired and released not slower than at one Redis"))
                .extracting(Target::verdict, Target::measured)
                .containsExactly(Verdict.MISSED, "0.80 ×");
        assertThat(one(run, "1 under way: acquired and released not slower than at one Redis"))
                .extracting(Target::verdict)
                .isEqualTo(Verdict.NOT_MEASURED);
    }

    private static Measurement locks(String backend, String outstanding, double score) {
        return own("LockBenchmark", Map.of("backend", backend, "outstanding", outstanding), score, Map.of());
    }

    @Test
    void theReportShowsThem(@TempDir Path directory) throws IOException {
        Page section = Page.writeWithoutFonts(sample, "No fonts.", directory).section("Targets");
        assertThat(section.rows())
                .contains(
                        List.of(
                                "fsync, TCP, 16 under way: operations at least 1.5 × the best peer",
                                "met",
                                "1.58 × jgroups-raft (1.58 to 1.58 in 2 rounds)"),
                        List.of("lease reads in process, 1 under way: p50 at most 5 µs", "not measured"));
    }
}
