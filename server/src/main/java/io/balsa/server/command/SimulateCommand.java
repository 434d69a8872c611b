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
import io.balsa.simulation.Violation;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
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
    private static final double SECONDS_PER_HOUR = 3600;
    private static final long USUAL_SEEDS = 2_000;
    /** A year. */
    private static final long MAX_MINUTES = 366 * 24 * 60;

    private static final int BAR_WIDTH = 14;
    private static final int FAULT_LINE_WIDTH = 78;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            description = "How many seeds. Otherwise 2000, or with --minutes as many as it takes.")
    private Long seeds;

    @Option(
            names = "--from",
            paramLabel = "SEED",
            defaultValue = "1",
            description = "The first seed; ${DEFAULT-VALUE} unless given.")
    private long from;

    @Option(
            names = "--minutes",
            paramLabel = "M",
            description = "Begins no more seeds after so many minutes, whatever is left then.")
    private Long minutes;

    @Option(
            names = "--replay",
            paramLabel = "SEED",
            description = "Runs only this seed, twice as well, and prints what happens in it.")
    private Long replay;

    @Option(
            names = "--histories",
            paramLabel = "DIR",
            description =
                    "Also write what the clients asked and were told, for balsa history check and other checkers: a"
                            + " file for each seed and model.")
    private Path histories;

    @Override
    public Integer call() throws InterruptedException {
        checkApart();
        if (seeds != null) {
            check("--seeds", seeds);
        }
        if (minutes != null) {
            check("--minutes", minutes);
            if (minutes > MAX_MINUTES) {
                throw new ParameterException(
                        spec.commandLine(), "--minutes is at most " + MAX_MINUTES + ", not " + minutes);
            }
        }
        // What simulated servers complain of belongs into a trace.
        ((Logger) LoggerFactory.getLogger("io.balsa")).setLevel(Level.OFF);
        Optional<HistoryExport> export = Optional.ofNullable(histories).map(HistoryExport::new);
        return replay == null ? runSeeds(export) : replay(replay, export);
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

    private int replay(long seed, Optional<HistoryExport> export) {
        PrintWriter out = spec.commandLine().getOut();
        SimulationResult result = Simulator.replay(seed, SimulationOptions.defaults(), out::println);
        export.ifPresent(writer -> {
            tellHowToJudge(writer.write(result), out);
            writer.check();
        });
        if (!result.passed()) {
            throw new CommandFailure(ExitCode.INVARIANT_BROKEN, whatBroke(result));
        }
        out.printf(
                Locale.ROOT,
                "Seed %d passed, twice with the same trace:%n%.1f simulated seconds, %d terms, %d entries, %d operations.%n",
                seed,
                result.simulatedNanos() / NANOS_PER_SECOND,
                result.terms(),
                result.committedEntries(),
                result.operations());
        return ExitCode.OK.code();
    }

    private static void tellHowToJudge(List<String> commands, PrintWriter out) {
        commands.forEach(command -> out.println("To judge what clients were told, run: " + command));
    }

    @SuppressWarnings("try") // what is opened works while the block runs
    private int runSeeds(Optional<HistoryExport> export) throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Terminal terminal = Terminal.ofStandardError();
        SeedSeries series = SeedSeries.begin(
                SimulationOptions.defaults(),
                from,
                mostSeeds(),
                Optional.ofNullable(minutes).map(Duration::ofMinutes),
                Runtime.getRuntime().availableProcessors(),
                result -> export.ifPresent(writer -> writer.write(result)));
        AtomicReference<Signals.Signal> signal = new AtomicReference<>();
        try (Signals signals = Signals.handle(came -> {
            signal.set(came);
            series.stop();
        })) {
            while (!series.await(LOOK_EVERY)) {
                terminal.progress(progressLine(series.progress()));
            }
        } finally {
            terminal.clear();
        }
        SeedSeries.Progress end = series.progress();
        summarize(end, whyEarly(end, signal.get()), out);
        if (end.failure().isPresent()) {
            throw broken(end.failure().get(), export, out);
        }
        export.ifPresent(HistoryExport::check);
        return signal.get() == null ? ExitCode.OK.code() : signal.get().exitCode();
    }

    private long mostSeeds() {
        if (seeds != null) {
            return seeds;
        }
        return minutes == null ? USUAL_SEEDS : Long.MAX_VALUE;
    }

    private boolean isUnbounded() {
        return mostSeeds() == Long.MAX_VALUE;
    }

    /** Prints what led to a failure, and says what broke and how it is seen again. */
    static CommandFailure broken(SimulationResult failure, Optional<HistoryExport> export, PrintWriter out) {
        out.println();
        out.println("The last events of seed " + failure.seed() + ":");
        failure.tail().forEach(out::println);
        export.ifPresent(writer -> tellHowToJudge(writer.write(failure), out));
        return new CommandFailure(
                ExitCode.INVARIANT_BROKEN,
                whatBroke(failure) + System.lineSeparator() + "To see how, run: balsa simulate --replay "
                        + failure.seed());
    }

    private static String whatBroke(SimulationResult result) {
        Violation violation = result.violation().orElseThrow();
        return "seed " + result.seed() + " broke " + violation.invariant() + ": " + violation.detail();
    }

    private String progressLine(SeedSeries.Progress progress) {
        int done = (int) (BAR_WIDTH * Math.min(1, partDone(progress)));
        return String.format(
                Locale.ROOT,
                "[%s%s] %s, %,d faults, %.2f simulated hours/s",
                "#".repeat(done),
                ".".repeat(BAR_WIDTH - done),
                seedsDone(progress),
                progress.faults().values().stream().mapToLong(Long::longValue).sum(),
                progress.speed() / SECONDS_PER_HOUR);
    }

    /** Of the seeds or of the time, whichever ends first. */
    private double partDone(SeedSeries.Progress progress) {
        double ofSeeds = (double) progress.passed() / progress.seeds();
        double ofTime = minutes == null
                ? 0
                : (double) progress.wallNanos() / Duration.ofMinutes(minutes).toNanos();
        return Math.max(ofSeeds, ofTime);
    }

    private String seedsDone(SeedSeries.Progress progress) {
        return (isUnbounded() ? String.valueOf(progress.passed()) : progress.passed() + " of " + progress.seeds())
                + " seeds";
    }

    private static String whyEarly(SeedSeries.Progress end, Signals.Signal signal) {
        if (end.passed() == end.seeds() || end.failure().isPresent()) {
            return "";
        }
        return signal == null ? "; the time was over" : "; ended by SIG" + signal.name();
    }

    private void summarize(SeedSeries.Progress end, String whyEarly, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "%s passed, each twice, in %.0f s%s.%n",
                seedsDone(end),
                end.wallNanos() / NANOS_PER_SECOND,
                whyEarly);
        out.printf(
                Locale.ROOT,
                "%.1f hours were simulated: %.2f in a second, %,.0f in an hour.%n",
                end.simulatedNanos() / NANOS_PER_HOUR,
                end.speed() / SECONDS_PER_HOUR,
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
