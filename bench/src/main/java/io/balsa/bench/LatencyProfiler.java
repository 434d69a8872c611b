package io.balsa.bench;

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

/** Adds the percentiles of latency to JMH's results: {@code -prof io.balsa.bench.LatencyProfiler}. */
public final class LatencyProfiler implements InternalProfiler {
    private static final double NANOS_PER_MICRO = TimeUnit.MICROSECONDS.toNanos(1);

    @Override
    public String getDescription() {
        return "percentiles of the latency of each operation";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        Latencies.current().take();
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        Histogram latencies = Latencies.current().take();
        if (latencies.getTotalCount() == 0) {
            return List.of();
        }
        return List.of(
                scalar("p50", latencies.getValueAtPercentile(50)),
                scalar("p90", latencies.getValueAtPercentile(90)),
                scalar("p99", latencies.getValueAtPercentile(99)),
                scalar("p99.9", latencies.getValueAtPercentile(99.9)),
                scalar("max", latencies.getMaxValue()));
    }

    private static ScalarResult scalar(String name, long nanos) {
        return new ScalarResult(name, nanos / NANOS_PER_MICRO, "us", AggregationPolicy.AVG);
    }
}
