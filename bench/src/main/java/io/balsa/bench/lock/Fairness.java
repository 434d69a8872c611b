package io.balsa.bench.lock;

import java.util.Collection;

/**
 * How evenly clients got what they all wanted.
 *
 * @param leastShare of all acquisitions, of the client with the fewest; 0 to 1
 * @param mostShare of the client with the most
 */
record Fairness(double leastShare, double mostShare) {
    /**
     * Of the number of acquisitions of each client.
     *
     * @param acquisitions of one client at least; not all 0
     */
    static Fairness of(Collection<Long> acquisitions) {
        double all = acquisitions.stream().mapToLong(Long::longValue).sum();
        return new Fairness(
                acquisitions.stream().mapToLong(Long::longValue).min().orElseThrow() / all,
                acquisitions.stream().mapToLong(Long::longValue).max().orElseThrow() / all);
    }
}
