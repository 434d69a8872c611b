package io.balsa.bench;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** The latencies of one iteration; recorded on any thread. */
public final class Latencies {
    private static final int DIGITS = 3;
    private static final long MAX_NANOS = TimeUnit.MINUTES.toNanos(10);
    /** Of the benchmark that runs; a JVM runs one at a time. */
    private static final Latencies CURRENT = new Latencies();

    private final Recorder recorder = new Recorder(MAX_NANOS, DIGITS);

    private Latencies() {}

    /** Of the benchmark that runs in this JVM. */
    public static Latencies current() {
        return CURRENT;
    }

    /** Adds the latency of one operation. */
    public void record(long nanos) {
        recorder.recordValue(Math.min(nanos, MAX_NANOS));
    }

    /** Forgets what was recorded while something was prepared. */
    public void discard() {
        recorder.reset();
    }

    /** What was recorded since the last call. */
    Histogram take() {
        return recorder.getIntervalHistogram();
    }
}
