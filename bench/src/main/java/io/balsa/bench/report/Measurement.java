package io.balsa.bench.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;

/**
 * What one round of a trial came to.
 *
 * @param further what was found out besides the score: percentiles of latency, bytes per object
 */
public record Measurement(Trial trial, Figure score, Map<String, Figure> further) {
    static final List<String> LATENCIES = List.of("p50", "p90", "p99", "p99.9", "max");

    /** Of what JMH gives. */
    public static Measurement of(RunResult result) {
        BenchmarkParams params = result.getParams();
        String name = params.getBenchmark();
        int method = name.lastIndexOf('.');
        int type = name.lastIndexOf('.', method - 1);
        Map<String, String> parameters = new TreeMap<>();
        for (String parameter : params.getParamsKeys()) {
            parameters.put(parameter, params.getParam(parameter));
        }
        Map<String, Figure> further = new LinkedHashMap<>();
        result.getSecondaryResults()
                .forEach((label, value) -> further.put(label, new Figure(value.getScore(), value.getScoreUnit())));
        return new Measurement(
                new Trial(name.substring(type + 1, method), name.substring(method + 1), parameters),
                new Figure(
                        result.getPrimaryResult().getScore(),
                        result.getPrimaryResult().getScoreUnit()),
                Collections.unmodifiableMap(further));
    }

    /** In microseconds, or NaN where latency was not measured. */
    double latencyMicros(String percentile) {
        Figure figure = further.get(percentile);
        return figure == null ? Double.NaN : figure.value();
    }

    /** What was found out besides the score and latencies. */
    Map<String, Figure> findings() {
        Map<String, Figure> findings = new LinkedHashMap<>(further);
        findings.keySet().removeAll(LATENCIES);
        return findings;
    }

    /** Of the rounds of one trial. */
    static Measurement mean(List<Measurement> rounds) {
        Measurement first = rounds.get(0);
        Map<String, Figure> further = new LinkedHashMap<>();
        first.further()
                .forEach((name, figure) -> further.put(
                        name,
                        new Figure(
                                rounds.stream()
                                        .map(round -> round.further().get(name))
                                        .filter(each -> each != null)
                                        .collect(Collectors.averagingDouble(Figure::value)),
                                figure.unit())));
        return new Measurement(
                first.trial(),
                new Figure(
                        rounds.stream().collect(Collectors.averagingDouble(round -> round.score()
                                .value())),
                        first.score().unit()),
                further);
    }
}
