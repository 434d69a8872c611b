package io.balsa.bench.report;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What one product achieved as a multiple of what another did. Each round gives a ratio, of trials that stood side by side;
 * the median of these counts, so that a trial which met a bad moment of the machine decides nothing.
 *
 * @param value the median of the rounds' ratios
 * @param lowest of the rounds' ratios
 * @param highest of the rounds' ratios
 * @param rounds how many ratios there are
 */
public record RoundRatio(double value, double lowest, double highest, int rounds) {
    /**
     * Of two products' figures, round by round. Where they are not equally many, since a trial failed, nobody knows which
     * of them belong together: then it is the ratio of their means.
     *
     * @param ours at least one
     * @param theirs at least one
     */
    public static RoundRatio of(List<Double> ours, List<Double> theirs) {
        if (ours.size() != theirs.size()) {
            double ofMeans = mean(ours) / mean(theirs);
            return new RoundRatio(ofMeans, ofMeans, ofMeans, 1);
        }
        double[] ratios = new double[ours.size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = ours.get(i) / theirs.get(i);
        }
        Arrays.sort(ratios);
        int middle = ratios.length / 2;
        double median = ratios.length % 2 == 1 ? ratios[middle] : (ratios[middle - 1] + ratios[middle]) / 2;
        return new RoundRatio(median, ratios[0], ratios[ratios.length - 1], ratios.length);
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(value -> value).average().orElseThrow();
    }

    /** The range of the rounds in brackets, with a space before it; empty if there was but one. */
    public String rangeText() {
        return rounds == 1 ? "" : String.format(Locale.ROOT, " (%.2f to %.2f in %d rounds)", lowest, highest, rounds);
    }
}
