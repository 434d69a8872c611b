package io.balsa.bench;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** The latencies of one iteration; recorded on any thread. */
final class Latencies {
    private static final int DIGITS = 3;
    private static final long MAX_NANOS = TimeUnit.MINUTES.toNanos(10);
    /** Of the benchmark that runs; a JVM runs one at a time. */
    private static final Latencies CURRENT = new Latencies();

    private final Recorder recorder = new Recorder(MAX_NANOS, DIGITS);

    static Latencies current() {
        return CURRENT;
    }

    void record(long nanos) {
        recorder.recordValue(Math.min(nanos, MAX_NANOS));
    }

    /** What was recorded since the last call. */
    Histogram take() {
        return recorder.getIntervalHistogram();
    }
}
