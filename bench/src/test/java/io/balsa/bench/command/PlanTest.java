package io.balsa.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.bench.Products;
import io.balsa.bench.replication.ReplicationProduct;
import java.util.List;
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
    void eachRoundMeasuresTheSame() {
        List<String> first = namesOfRound(1);
        assertThat(namesOfRound(2)).isEqualTo(first);
        assertThat(first).doesNotHaveDuplicates();
        assertThat(usual.trials()).hasSize(2 * first.size());
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
    void targetsAreAskedForWithinAQuarterOfAnHour() {
        Plan targets = Plan.targets(Products.all(), name -> true);
        assertThat(targets.secondsAfter(0)).isLessThanOrEqualTo(900);
        assertThat(targets.trials())
                .extracting(
                        trial -> trial.cell().name() + ": " + trial.product().name())
                .doesNotHaveDuplicates()
                .contains(
                        "fsync, TCP, 256 outstanding: jgroups-raft",
                        "memory, same JVM, 1 outstanding: microraft",
                        "fsync, TCP, 256 outstanding, 1024 B: balsa",
                        "memory, TCP, 4096 outstanding: balsa");
        assertThat(targets.suite().trials())
                .filteredOn(trial -> trial.name().startsWith("growth: small heap"))
                .isNotEmpty()
                .allSatisfy(trial -> assertThat(trial.measuredSeconds(4)).isEqualTo(60));
    }

    @Test
    void aPatternIsFoundInCellsAndProducts() {
        Plan some = Plan.usual(Products.all(), name -> name.matches("fsync.* 16 outstanding: (balsa|ratis)"));
        assertThat(some.trials())
                .extracting(trial -> trial.product().name())
                .containsExactly("balsa", "ratis", "balsa", "ratis");
        assertThat(some.trials())
                .extracting(trial -> trial.cell().outstanding())
                .containsOnly(16);
    }
}
