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
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
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
        @Option(names = "--quick", description = "The strongest peers, one round of short trials: about ten minutes.")
        private boolean quick;

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
        if (plan.trials().isEmpty()) {
            Set<String> there = new LinkedHashSet<>();
            plan(name -> true).trials().forEach(trial -> there.add(nameOf(trial)));
            throw new ParameterException(
                    spec.commandLine(),
                    "nothing to measure is called '" + only + "'; there is\n  " + String.join("\n  ", there));
        }
        PrintWriter out = spec.commandLine().getOut();
        Path run = Files.createDirectories(
                directory.resolve(LocalDateTime.now(ZoneId.systemDefault()).format(STAMP)));
        out.printf(
                "%d trials, about %d minutes; each product in turn%n",
                plan.trials().size(), Math.max(1, plan.secondsOf(plan.trials().size()) / 60));
        Results results = measure(plan, run, out);
        Path json = run.resolve("results.json");
        try (var stream = Files.newOutputStream(json);
                var print = new PrintStream(stream, false, StandardCharsets.UTF_8)) {
            ResultFormatFactory.getInstance(ResultFormatType.JSON, print).writeOut(results.raw());
        }
        ResultTable.print(results, out);
        out.printf("%nall figures: %s%n", json);
        return results.cells().stream()
                        .allMatch(cell -> results.failuresOf(cell).isEmpty())
                ? 0
                : FAILED;
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
        return length.full ? Plan.full(products, wanted) : Plan.usual(products, wanted);
    }

    private static String nameOf(Plan.Trial trial) {
        return trial.cell().name() + ": " + trial.product().name();
    }

    private Results measure(Plan plan, Path run, PrintWriter out) {
        Results results = new Results();
        int done = 0;
        for (Plan.Trial trial : plan.trials()) {
            Duration left = Duration.ofSeconds(plan.secondsOf(plan.trials().size() - done));
            out.printf("%3d/%d  %3d min left  %s%n", done + 1, plan.trials().size(), left.toMinutes(), nameOf(trial));
            out.flush();
            try {
                results.add(trial, new Runner(options(plan, trial, run)).run());
            } catch (RunnerException e) {
                results.failed(
                        trial.cell(), trial.product().name(), e.getMessage() + ", see " + run.resolve(logOf(trial)));
            }
            done++;
        }
        return results;
    }

    private static String logOf(Plan.Trial trial) {
        return nameOf(trial).replaceAll("[^A-Za-z0-9-]+", "-") + "-" + trial.round() + ".log";
    }

    private static Options options(Plan plan, Plan.Trial trial, Path run) {
        Cell cell = trial.cell();
        return new OptionsBuilder()
                .include(Pattern.quote(ReplicationBenchmark.class.getName()) + "\\.replicate$")
                .param("product", trial.product().name())
                .param("durability", cell.durability().name())
                .param("network", cell.network().name())
                .param("nodes", String.valueOf(cell.nodes()))
                .param("outstanding", String.valueOf(cell.outstanding()))
                .param("payloadBytes", String.valueOf(cell.payloadBytes()))
                .forks(1)
                .warmupIterations(1)
                .warmupTime(TimeValue.seconds(plan.warmUpSeconds()))
                .measurementIterations(1)
                .measurementTime(TimeValue.seconds(plan.measuredSeconds()))
                .addProfiler(LatencyProfiler.class)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.NORMAL)
                .output(run.resolve(logOf(trial)).toString())
                .build();
    }
}
