package io.balsa.bench.command;

import io.balsa.bench.LatencyProfiler;
import io.balsa.bench.Products;
import io.balsa.bench.ReplicationBenchmark;
import io.balsa.bench.replication.ReplicationProduct;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code balsa bench}: Balsa and its peers at the same work, side by side in one run. */
@Command(
        name = "balsa bench",
        mixinStandardHelpOptions = true,
        description = {
            "Measures Balsa and other replicated logs at the same work, in turns.",
            "Each trial is a JVM of its own with three nodes and one client, on the disk of the working directory. Compare"
                    + " figures of one run only, on a machine that does nothing else. See docs/performance.md."
        })
public final class BenchCommand implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

    @Spec
    private CommandSpec spec;

    @ArgGroup
    private Length length = new Length();

    /** One of them at most. */
    static final class Length {
        @Option(
                names = "--quick",
                description = "The strongest peers, short trials, three rounds with the disk: about ten minutes.")
        private boolean quick;

        @Option(
                names = "--targets",
                description =
                        "What the targets of docs/performance.md ask for, beside the strongest peer: half an hour.")
        private boolean targets;

        @Option(names = "--full", description = "More commands under way, larger ones, three rounds: hours.")
        private boolean full;
    }

    @Option(
            names = "--only",
            paramLabel = "PATTERN",
            description =
                    "Only what this regular expression is found in, such as 'fsync.*16 outstanding' or 'balsa|ratis'.")
    private String only = "";

    @Option(
            names = "--directory",
            paramLabel = "DIRECTORY",
            defaultValue = "${sys:balsa.bench.directory:-target}/results",
            description = "Where results go; ${DEFAULT-VALUE} unless given.")
    private Path directory;

    /** The command's end is the process's. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new BenchCommand()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        Plan plan = plan(pattern());
        if (plan.count() == 0) {
            Set<String> there = new LinkedHashSet<>();
            Plan all = plan(name -> true);
            all.trials().forEach(trial -> there.add(nameOf(trial)));
            all.suite().trials().forEach(trial -> there.add(trial.name()));
            throw new ParameterException(
                    spec.commandLine(),
                    "nothing to measure is called '" + only + "'; there is\n  " + String.join("\n  ", there));
        }
        PrintWriter out = spec.commandLine().getOut();
        Path run = Files.createDirectories(
                directory.resolve(LocalDateTime.now(ZoneId.systemDefault()).format(STAMP)));
        out.printf(
                "%d trials, about %d minutes; each product in turn%n",
                plan.count(), Math.max(1, plan.secondsAfter(0) / 60));
        RunReport report = new RunReport(spec.commandLine().getParseResult().originalArgs());
        Path json = run.resolve("results.json");
        Results results = measure(plan, run, json, out);
        ResultTable.print(results, out);
        SuiteTable.print(results, out);
        out.printf("%nall figures: %s%n", json);
        report.write(plan, results, run, out);
        boolean allSucceeded = results.suiteFailures().isEmpty()
                && results.cells().stream()
                        .allMatch(cell -> results.failuresOf(cell).isEmpty());
        return allSucceeded ? 0 : FAILED;
    }

    private Predicate<String> pattern() {
        try {
            return Pattern.compile(only).asPredicate();
        } catch (PatternSyntaxException e) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--only takes a regular expression, which '" + only + "' is not: " + e.getDescription());
        }
    }

    private Plan plan(Predicate<String> wanted) {
        List<ReplicationProduct> products = Products.all();
        if (length.quick) {
            return Plan.quick(products, wanted);
        }
        if (length.targets) {
            return Plan.targets(products, wanted);
        }
        return length.full ? Plan.full(products, wanted) : Plan.usual(products, wanted);
    }

    private static String nameOf(Plan.Trial trial) {
        return trial.cell().name() + ": " + trial.product().name();
    }

    /** After each trial all figures are in the file, so that a run that is interrupted leaves what it has. */
    private static Results measure(Plan plan, Path run, Path json, PrintWriter out) throws IOException {
        Results results = new Results();
        int done = 0;
        write(results, json);
        for (Plan.Trial trial : plan.trials()) {
            printProgress(plan, done++, nameOf(trial), out);
            Path log = run.resolve(logOf(nameOf(trial), trial.round()));
            try {
                results.add(trial, new Runner(options(plan, trial, log)).run());
            } catch (RunnerException e) {
                results.failed(trial.cell(), trial.product().name(), e.getMessage() + ", see " + log);
            }
            write(results, json);
        }
        for (SuiteTrial trial : plan.suite().trials()) {
            printProgress(plan, done++, trial.name(), out);
            Optional<String> missing = trial.reasonIfMissing();
            if (missing.isPresent()) {
                results.leftOut(trial, missing.get());
                continue;
            }
            Path log = run.resolve(logOf(trial.name(), 1));
            try {
                results.add(trial, new Runner(options(plan.suite(), trial, log)).runSingle());
            } catch (RunnerException e) {
                results.failed(trial, e.getMessage() + ", see " + log);
            }
            write(results, json);
        }
        return results;
    }

    private static void write(Results results, Path json) throws IOException {
        Path written = json.resolveSibling(json.getFileName() + ".tmp");
        try (var stream = Files.newOutputStream(written);
                var print = new PrintStream(stream, false, StandardCharsets.UTF_8)) {
            ResultFormatFactory.getInstance(ResultFormatType.JSON, print).writeOut(results.raw());
            if (print.checkError()) {
                throw new IOException(
                        "can't write all figures to " + written + "; those before the last trial are in " + json);
            }
        }
        Files.move(written, json, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void printProgress(Plan plan, int done, String name, PrintWriter out) {
        Duration left = Duration.ofSeconds(plan.secondsAfter(done));
        out.printf("%3d/%d  %3d min left  %s%n", done + 1, plan.count(), left.toMinutes(), name);
        out.flush();
    }

    private static String logOf(String name, int round) {
        return name.replaceAll("[^A-Za-z0-9-]+", "-") + "-" + round + ".log";
    }

    private static Options options(Plan plan, Plan.Trial trial, Path log) {
        Cell cell = trial.cell();
        return common(ReplicationBenchmark.class, "replicate", log)
                .param("product", trial.product().name())
                .param("durability", cell.durability().name())
                .param("network", cell.network().name())
                .param("nodes", String.valueOf(cell.nodes()))
                .param("outstanding", String.valueOf(cell.outstanding()))
                .param("payloadBytes", String.valueOf(cell.payloadBytes()))
                .warmupIterations(1)
                .warmupTime(TimeValue.seconds(plan.warmUpSeconds()))
                .measurementIterations(1)
                .measurementTime(TimeValue.seconds(plan.measuredSeconds(cell)))
                .build();
    }

    private static Options options(Suite suite, SuiteTrial trial, Path log) {
        ChainedOptionsBuilder options = common(trial.benchmark(), trial.method(), log);
        trial.parameters().forEach(options::param);
        if (trial.isSingleShot()) {
            return options.warmupIterations(1)
                    .measurementIterations(trial.shots())
                    .build();
        }
        return options.warmupIterations(1)
                .warmupTime(TimeValue.seconds(suite.warmUpSeconds()))
                .measurementIterations(1)
                .measurementTime(TimeValue.seconds(trial.measuredSeconds(suite.measuredSeconds())))
                .build();
    }

    private static ChainedOptionsBuilder common(Class<?> benchmark, String method, Path log) {
        return new OptionsBuilder()
                .include(Pattern.quote(benchmark.getName()) + "\\." + method + "$")
                .forks(1)
                .addProfiler(LatencyProfiler.class)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.NORMAL)
                .output(log.toString());
    }
}
