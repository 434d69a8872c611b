package io.balsa.bench;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** What a benchmark finds out besides its time, such as bytes per object. {@link LatencyProfiler} adds it to JMH's results. */
public final class Findings {
    /** Of the benchmark that runs; a JVM runs one at a time. */
    private static final Findings CURRENT = new Findings();

    private final Map<String, Finding> found = new ConcurrentSkipListMap<>();

    private Findings() {}

    /** A number and its unit. */
    record Finding(double value, String unit) {}

    /** Of the benchmark that runs in this JVM. */
    public static Findings current() {
        return CURRENT;
    }

    /** Adds a finding; a later one of the same name takes its place. */
    public void put(String name, double value, String unit) {
        found.put(name, new Finding(value, unit));
    }

    Map<String, Finding> all() {
        return found;
    }

    void clear() {
        found.clear();
    }
}
