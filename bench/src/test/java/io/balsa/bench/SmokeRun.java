package io.balsa.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Set;
import java.util.regex.Pattern;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs a benchmark in this JVM, as shortly as can be. */
public final class SmokeRun {
    /** What may not happen at all, and the share of a client that is served last. */
    private static final Set<String> MAY_BE_ZERO = Set.of("fullCollections", "leastShare");

    private final ChainedOptionsBuilder options;

    private SmokeRun(ChainedOptionsBuilder options) {
        this.options = options;
    }

    /**
     * Of the methods of a benchmark.
     *
     * @param methods a regular expression
     * @param directory for what it writes
     */
    public static SmokeRun of(Class<?> benchmark, String methods, Path directory) {
        System.setProperty("balsa.bench.directory", directory.toString());
        System.setProperty("balsa.bench.warmUpSeconds", "0");
        return new SmokeRun(new OptionsBuilder()
                .include(Pattern.quote(benchmark.getName()) + "\\.(" + methods + ")$")
                .forks(0)
                .warmupIterations(0)
                .measurementIterations(1)
                .measurementTime(TimeValue.milliseconds(100))
                .addProfiler(LatencyProfiler.class)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT));
    }

    /** Sets a parameter; one that has several values is measured with each. */
    public SmokeRun with(String parameter, String... values) {
        options.param(parameter, values);
        return this;
    }

    /** Runs it, and returns the figures of each trial, all of them positive but for those that may be 0. */
    public Collection<RunResult> run() throws RunnerException {
        Collection<RunResult> results = new Runner(options.build()).run();
        assertThat(results).isNotEmpty().allSatisfy(SmokeRun::hasFigures);
        return results;
    }

    private static void hasFigures(RunResult result) {
        assertThat(result.getPrimaryResult().getScore()).isPositive();
        assertThat(result.getSecondaryResults()).allSatisfy((name, secondary) -> {
            if (MAY_BE_ZERO.contains(name)) {
                assertThat(secondary.getScore()).isNotNegative();
            } else {
                assertThat(secondary.getScore()).isPositive();
            }
        });
    }
}
