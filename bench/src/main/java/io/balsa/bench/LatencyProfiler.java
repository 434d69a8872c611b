package io.balsa.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/** Adds the percentiles of latency and the {@link Findings} to JMH's results: {@code -prof io.balsa.bench.LatencyProfiler}. */
public final class LatencyProfiler implements InternalProfiler {
    private static final double NANOS_PER_MICRO = TimeUnit.MICROSECONDS.toNanos(1);

    /** A profiler lives as long as a trial. */
    private boolean begun;

    @Override
    public String getDescription() {
        return "percentiles of the latency of each operation, and what else a benchmark found out";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        Latencies.current().take();
        if (!begun) {
            begun = true;
            Findings.current().clear();
        }
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        List<ScalarResult> results = new ArrayList<>();
        Findings.current()
                .all()
                .forEach((name, finding) ->
                        results.add(new ScalarResult(name, finding.value(), finding.unit(), AggregationPolicy.AVG)));
        Histogram latencies = Latencies.current().take();
        if (latencies.getTotalCount() > 0) {
            results.add(scalar("p50", latencies.getValueAtPercentile(50)));
            results.add(scalar("p90", latencies.getValueAtPercentile(90)));
            results.add(scalar("p99", latencies.getValueAtPercentile(99)));
            results.add(scalar("p99.9", latencies.getValueAtPercentile(99.9)));
            results.add(scalar("max", latencies.getMaxValue()));
        }
        return results;
    }

    private static ScalarResult scalar(String name, long nanos) {
        return new ScalarResult(name, nanos / NANOS_PER_MICRO, "us", AggregationPolicy.AVG);
    }
}
