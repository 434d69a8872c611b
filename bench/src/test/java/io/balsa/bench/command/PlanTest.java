package io.balsa.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.bench.Products;
import io.balsa.bench.ReplicationBenchmark;
import io.balsa.bench.replication.ReplicationProduct;
import io.balsa.bench.replication.Setting.Durability;
import io.balsa.bench.report.Figure;
import io.balsa.bench.report.Measurement;
import io.balsa.bench.report.Product;
import io.balsa.bench.report.RunRecord;
import io.balsa.bench.report.Target;
import io.balsa.bench.report.Targets;
import io.balsa.bench.report.Trial;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PlanTest {
    private final Plan usual = Plan.usual(Products.all(), name -> true);

    @Test
    void productsTakeTurnsInEachCell() {
        for (int i = 1; i < usual.trials().size(); i++) {
            Plan.Trial before = usual.trials().get(i - 1);
            Plan.Trial trial = usual.trials().get(i);
            assertThat(trial.product()).as("%s after %s", trial, before).isNotEqualTo(before.product());
        }
        Cell first = usual.trials().get(0).cell();
        assertThat(usual.trials().stream()
                        .filter(trial -> trial.round() == 1 && trial.cell().equals(first))
                        .map(trial -> trial.product().name()))
                .containsExactlyElementsOf(Products.all().stream()
                        .filter(first::isFor)
                        .map(ReplicationProduct::name)
                        .toList());
    }

    @Test
    void theThirdRoundIsForWhatScatters() {
        List<String> first = namesOfRound(1);
        assertThat(namesOfRound(2)).isEqualTo(first);
        assertThat(first).doesNotHaveDuplicates();
        assertThat(namesOfRound(3))
                .isEqualTo(first.stream()
                        .filter(name -> name.startsWith("fsync, TCP, 16 outstanding")
                                || name.startsWith("fsync, TCP, 256 outstanding")
                                || name.startsWith("memory, TCP, 256 outstanding"))
                        .toList());
        assertThat(namesOfRound(4)).isEmpty();
    }

    /** Other tests in this JVM warm nothing up. */
    @BeforeEach
    void warmUpAsUsual() {
        System.clearProperty("balsa.bench.warmUpSeconds");
    }

    private List<String> namesOfRound(int round) {
        return usual.trials().stream()
                .filter(trial -> trial.round() == round)
                .map(trial -> trial.cell().name() + trial.product().name())
                .toList();
    }

    @Test
    void quickTakesTenMinutesAtMost() {
        Plan quick = Plan.quick(Products.all(), name -> true);
        assertThat(quick.secondsAfter(0)).isLessThanOrEqualTo(600);
        assertThat(quick.trials())
                .extracting(trial -> trial.product().name())
                .contains("balsa", "jgroups-raft", "sofa-jraft", "microraft");
    }

    /** What is not measured would show as such in the report, but too late. */
    @Test
    void targetsAreAskedForWithinHalfAnHour() {
        Plan targets = Plan.targets(Products.all(), name -> true);
        assertThat(targets.secondsAfter(0)).isLessThanOrEqualTo(1_800);
        assertThat(targets.trials())
                .extracting(
                        trial -> trial.cell().name() + ": " + trial.product().name() + " " + trial.round())
                .doesNotHaveDuplicates()
                .contains(
                        "fsync, TCP, 256 outstanding: jgroups-raft 5",
                        "memory, TCP, 256 outstanding: jgroups-raft 3",
                        "memory, same JVM, 1 outstanding: microraft 1",
                        "fsync, TCP, 256 outstanding, 1024 B: balsa 1",
                        "memory, TCP, 4096 outstanding: balsa 1");
        assertThat(Targets.of(recordOf(targets)))
                .isNotEmpty()
                .noneMatch(target -> target.verdict() == Target.Verdict.NOT_MEASURED);
        assertThat(targets.suite().trials())
                .filteredOn(trial -> trial.name().startsWith("growth: small heap"))
                .isNotEmpty()
                .allSatisfy(trial -> assertThat(trial.measuredSeconds(4)).isEqualTo(60));
    }

    /** As if each trial had come to something. */
    private static RunRecord recordOf(Plan plan) {
        Map<String, Figure> further = Stream.of(
                        "p50",
                        "p90",
                        "p99",
                        "p99.9",
                        "leaderBytes",
                        "clientBytes",
                        "fullCollections",
                        "inUse",
                        "bytesPerLock")
                .collect(Collectors.toMap(name -> name, name -> new Figure(1, "us")));
        List<Measurement> measurements = Stream.concat(
                        plan.trials().stream().map(PlanTest::trialOf),
                        plan.suite().trials().stream()
                                .map(trial -> new Trial(
                                        trial.benchmark().getSimpleName(), trial.method(), trial.parameters())))
                .map(trial -> new Measurement(trial, new Figure(1, "ops/s"), further))
                .toList();
        return new RunRecord(null, Products.all().stream().map(Product::of).toList(), measurements, List.of());
    }

    private static Trial trialOf(Plan.Trial trial) {
        Cell cell = trial.cell();
        return new Trial(
                ReplicationBenchmark.class.getSimpleName(),
                "replicate",
                Map.of(
                        "product",
                        trial.product().name(),
                        "durability",
                        cell.durability().name(),
                        "network",
                        cell.network().name(),
                        "nodes",
                        String.valueOf(cell.nodes()),
                        "outstanding",
                        String.valueOf(cell.outstanding()),
                        "payloadBytes",
                        String.valueOf(cell.payloadBytes())));
    }

    /** Where ratios scatter, products take turns in several rounds, and stand side by side in each. */
    @Test
    void durableThroughputIsComparedInSeveralRounds() {
        Map<Integer, Plan> plans =
                Map.of(3, Plan.quick(Products.all(), name -> true), 5, Plan.targets(Products.all(), name -> true));
        plans.forEach((rounds, plan) -> {
            for (int round = 1; round <= rounds; round++) {
                assertThat(pairs(plan, round))
                        .as("round %d of %d", round, rounds)
                        .contains("16 balsa, 16 jgroups-raft", "256 balsa, 256 jgroups-raft");
            }
            assertThat(plan.trials())
                    .filteredOn(trial -> trial.cell().durability() == Durability.MEMORY)
                    .filteredOn(trial -> trial.round() > 1)
                    .allMatch(trial -> rounds == 5
                            && trial.cell().isInMemoryOverTcp()
                            && trial.cell().outstanding() == 256);
        });
    }

    /** What followed upon what in a round, durable with a usual payload. */
    private static List<String> pairs(Plan plan, int round) {
        List<String> names = plan.trials().stream()
                .filter(trial -> trial.round() == round
                        && trial.cell().durability() == Durability.FSYNC
                        && trial.cell().payloadBytes() == 128)
                .map(trial -> trial.cell().outstanding() + " " + trial.product().name())
                .toList();
        return IntStream.range(1, names.size())
                .mapToObj(i -> names.get(i - 1) + ", " + names.get(i))
                .toList();
    }

    @Test
    void aPatternIsFoundInCellsAndProducts() {
        Plan some = Plan.usual(Products.all(), name -> name.matches("fsync.* 16 outstanding: (balsa|ratis)"));
        assertThat(some.trials())
                .extracting(trial -> trial.product().name())
                .containsExactly("balsa", "ratis", "balsa", "ratis", "balsa", "ratis");
        assertThat(some.trials())
                .extracting(trial -> trial.cell().outstanding())
                .containsOnly(16);
    }
}
