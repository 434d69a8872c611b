package io.balsa.server.command;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.balsa.server.CommandFailure;
import io.balsa.server.ExitCode;
import io.balsa.server.demo.Terminal;
import io.balsa.simulation.Fault;
import io.balsa.simulation.SeedSeries;
import io.balsa.simulation.SimulationOptions;
import io.balsa.simulation.SimulationResult;
import io.balsa.simulation.Simulator;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code balsa simulate}: whole clusters under simulated time and faults, and what must hold of them. */
@Command(
        name = "simulate",
        description = {
            "Runs whole clusters under simulated time and faults.",
            "Each seed is a run of its own: servers and clients, all of production code, on simulated networks, disks and"
                    + " clocks that fail in ways that the seed draws. At each step it is checked that nothing is lost or mixed"
                    + " up; in the end a majority that is left in peace must serve its clients again. Each seed runs twice,"
                    + " with the same result. See docs/simulation.md."
        })
public final class SimulateCommand implements Callable<Integer> {
    private static final Duration LOOK_EVERY = Duration.ofMillis(200);
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double NANOS_PER_HOUR = 3.6e12;
    /** A year. */
    private static final long MAX_MINUTES = 366 * 24 * 60;

    private static final int BAR_WIDTH = 20;
    private static final int FAULT_LINE_WIDTH = 78;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "2000",
            description = "How many seeds; ${DEFAULT-VALUE} unless given.")
    private long seeds;

    @Option(
            names = "--from",
            paramLabel = "SEED",
            defaultValue = "1",
            description = "The first seed; ${DEFAULT-VALUE} unless given.")
    private long from;

    @Option(names = "--minutes", paramLabel = "M", description = "Ends after so many minutes, whatever is left then.")
    private Long minutes;

    @Option(
            names = "--replay",
            paramLabel = "SEED",
            description = "Runs only this seed, twice as well, and prints what happens in it.")
    private Long replay;

    @Override
    public Integer call() throws InterruptedException {
        checkApart();
        check("--seeds", seeds);
        if (minutes != null) {
            check("--minutes", minutes);
            if (minutes > MAX_MINUTES) {
                throw new ParameterException(
                        spec.commandLine(), "--minutes is at most " + MAX_MINUTES + ", not " + minutes);
            }
        }
        // What simulated servers complain of belongs into a trace.
        ((Logger) LoggerFactory.getLogger("io.balsa")).setLevel(Level.OFF);
        return replay == null ? runSeeds() : replay(replay);
    }

    private void checkApart() {
        CommandLine.ParseResult given = spec.commandLine().getParseResult();
        for (String option : List.of("--seeds", "--from", "--minutes")) {
            if (given.hasMatchedOption("--replay") && given.hasMatchedOption(option)) {
                throw new ParameterException(
                        spec.commandLine(), "--replay runs one seed, so " + option + " does not go with it");
            }
        }
    }

    private void check(String option, long value) {
        if (value < 1) {
            throw new ParameterException(spec.commandLine(), option + " is at least 1, not " + value);
        }
    }

    private int replay(long seed) {
        PrintWriter out = spec.commandLine().getOut();
        SimulationResult result = Simulator.replay(seed, SimulationOptions.defaults(), out::println);
        if (result.passed()) {
            out.printf(
                    Locale.ROOT,
                    "Seed %d passed, twice with the same trace:%n"
                            + "%.1f simulated seconds, %d terms, %d entries, %d operations.%n",
                    seed,
                    result.simulatedNanos() / NANOS_PER_SECOND,
                    result.terms(),
                    result.committedEntries(),
                    result.operations());
            return ExitCode.OK.code();
        }
        throw broken(result);
    }

    private int runSeeds() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Terminal terminal = Terminal.ofThisProcess();
        SeedSeries series = SeedSeries.begin(
                SimulationOptions.defaults(),
                from,
                seeds,
                Optional.ofNullable(minutes).map(Duration::ofMinutes),
                Runtime.getRuntime().availableProcessors());
        while (!series.await(LOOK_EVERY)) {
            terminal.progress(progressLine(series.progress()));
        }
        terminal.clear();
        SeedSeries.Progress end = series.progress();
        summarize(end, out);
        if (end.failure().isPresent()) {
            SimulationResult failure = end.failure().get();
            out.println();
            out.println("The last events of seed " + failure.seed() + ":");
            failure.tail().forEach(out::println);
            throw broken(failure);
        }
        return ExitCode.OK.code();
    }

    private static CommandFailure broken(SimulationResult result) {
        return new CommandFailure(
                ExitCode.INVARIANT_BROKEN,
                "seed " + result.seed() + " broke "
                        + result.violation().orElseThrow().invariant() + ": "
                        + result.violation().orElseThrow().detail() + System.lineSeparator()
                        + "To see how, run: balsa simulate --replay " + result.seed());
    }

    private static String progressLine(SeedSeries.Progress progress) {
        int done = (int) (BAR_WIDTH * progress.passed() / Math.max(1, progress.seeds()));
        return String.format(
                Locale.ROOT,
                "[%s%s] %d of %d seeds, %.1f simulated hours, %,.0f times real time",
                "#".repeat(done),
                ".".repeat(BAR_WIDTH - done),
                progress.passed(),
                progress.seeds(),
                progress.simulatedNanos() / NANOS_PER_HOUR,
                progress.speed());
    }

    private static void summarize(SeedSeries.Progress end, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "%d of %d seeds passed, each twice, in %.0f s%s.%n",
                end.passed(),
                end.seeds(),
                end.wallNanos() / NANOS_PER_SECOND,
                end.passed() < end.seeds() && end.failure().isEmpty() ? "; the time was over" : "");
        out.printf(
                Locale.ROOT,
                "%.1f hours were simulated: %,.0f hours in one hour.%n",
                end.simulatedNanos() / NANOS_PER_HOUR,
                end.speed());
        out.printf(
                Locale.ROOT,
                "%,d operations of clients succeeded, %,d entries were committed.%n",
                end.operations(),
                end.committedEntries());
        out.println("Faults:");
        StringBuilder line = new StringBuilder();
        for (Map.Entry<Fault, Long> fault : end.faults().entrySet()) {
            String text = String.format(
                    Locale.ROOT, "%,d %s", fault.getValue(), fault.getKey().spelling());
            if (line.length() + text.length() + 4 > FAULT_LINE_WIDTH) {
                out.println("  " + line + ",");
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : ", ").append(text);
        }
        out.println("  " + (line.isEmpty() ? "none" : line.toString()));
    }
}
