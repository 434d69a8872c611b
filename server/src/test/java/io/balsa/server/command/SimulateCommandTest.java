package io.balsa.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.server.CommandFailure;
import io.balsa.server.ExitCode;
import io.balsa.server.support.Cli;
import io.balsa.simulation.Fault;
import io.balsa.simulation.SimulationResult;
import io.balsa.simulation.Violation;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulateCommandTest {
    @TempDir
    Path directory;

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
        assertThat(result.out()).contains("2 of 2 seeds passed, each twice", " in a second, ", "Faults:");
    }

    @Test
    void aFailureIsToldWithItsSeedTheInvariantTheLastEventsAndTheCommandThatReplaysIt() {
        SimulationResult failure = new SimulationResult(
                1234,
                Optional.of(new Violation("election-safety", "n1 and n2 both lead term 3", 17)),
                1,
                17,
                2,
                3,
                4,
                5,
                Map.of(Fault.KILL, 1L),
                Map.of(),
                List.of("    0.000012 n1   leads term 3", "    0.000017 n2   leads term 3"));
        StringWriter printed = new StringWriter();
        CommandFailure told = SimulateCommand.broken(failure, Optional.empty(), new PrintWriter(printed, true));
        assertThat(printed.toString().lines())
                .containsExactly(
                        "",
                        "The last events of seed 1234:",
                        "    0.000012 n1   leads term 3",
                        "    0.000017 n2   leads term 3");
        assertThat(told.exitCode()).isEqualTo(ExitCode.INVARIANT_BROKEN);
        assertThat(told.getMessage().lines())
                .containsExactly(
                        "seed 1234 broke election-safety: n1 and n2 both lead term 3",
                        "To see how, run: balsa simulate --replay 1234");
    }

    @Test
    void whatClientsWereToldIsWrittenForOtherCheckers() {
        Cli.Result series = Cli.run("simulate", "--seeds", "2", "--from", "7", "--histories", directory.toString());
        assertThat(series.exitCode()).as(series.err()).isZero();
        for (String seed : List.of("seed-7-", "seed-8-")) {
            for (String model : List.of("kv", "lock")) {
                Path file = directory.resolve(seed + model + ".jsonl");
                Cli.Result verdict = Cli.run("history", "check", "--model", model, file.toString());
                assertThat(verdict.out()).startsWith(file + ": linearizable as " + model);
            }
        }

        Path again = directory.resolve("made/again");
        Cli.Result replay = Cli.run("simulate", "--replay", "7", "--histories", again.toString());
        assertThat(replay.exitCode()).as(replay.err()).isZero();
        assertThat(replay.out())
                .contains("run: balsa history check --model kv " + again.resolve("seed-7-kv.jsonl"))
                .contains("run: balsa history check --model lock " + again.resolve("seed-7-lock.jsonl"));
        assertThat(again.resolve("seed-7-kv.jsonl")).hasSameTextualContentAs(directory.resolve("seed-7-kv.jsonl"));
    }

    @Test
    void aDirectoryForHistoriesThatCanNotBeMadeIsSaidBeforeAnythingIsRun() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        Cli.Result result = Cli.run("simulate", "--histories", file.toString());
        assertThat(result)
                .isEqualTo(
                        new Cli.Result(1, "", "balsa: " + file + " cannot be written: FileAlreadyExistsException\n"));
    }

    @Test
    void whatDoesNotGoTogetherOrMakesNoSenseIsRefused() {
        assertThat(Cli.run("simulate", "--replay", "7", "--minutes", "1").err())
                .startsWith("balsa: --replay runs one seed, so --minutes does not go with it");
        assertThat(Cli.run("simulate", "--seeds", "0").err()).startsWith("balsa: --seeds is at least 1, not 0");
        assertThat(Cli.run("simulate", "--minutes", "0").exitCode()).isEqualTo(2);
    }
}
