package io.balsa.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.server.support.Cli;
import org.junit.jupiter.api.Test;

class SimulateCommandTest {
    @Test
    void aReplayPrintsTheTraceAndRunsTwice() {
        Cli.Result result = Cli.run("simulate", "--replay", "7");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out().lines().findFirst().orElseThrow())
                .contains("seed 7:")
                .hasSizeLessThanOrEqualTo(80);
        assertThat(result.out())
                .containsPattern("Seed 7 passed, twice with the same trace:\\R[0-9.]+ simulated seconds");
    }

    @Test
    void aSeriesEndsWithASummary() {
        Cli.Result result = Cli.run("simulate", "--seeds", "2", "--from", "7");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).contains("2 of 2 seeds passed, each twice", "Faults:");
    }
}
