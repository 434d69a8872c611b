package io.balsa.bench.parts;

import io.balsa.bench.JvmFlags;
import io.balsa.bench.Latencies;
import io.balsa.bench.ScratchDirectory;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A batch of entries, appended to the log and synced once. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 1,
        jvmArgsPrepend = {
            JvmFlags.EXPORT_REF,
            JvmFlags.OPEN_REFLECT,
            JvmFlags.OPEN_CHANNELS,
            JvmFlags.OPEN_MISC,
            JvmFlags.NO_ANALYTICS,
            JvmFlags.MIN_HEAP,
            JvmFlags.MAX_HEAP
        })
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 3, time = 3)
public class LogBenchmark {
    @Param({"SEGMENT", "SEGMENT_CACHED", "CHRONICLE", "FLOOR"})
    public WrittenLog log;

    @Param({"1", "16", "256"})
    public int entries;

    @Param("128")
    public int payloadBytes;

    private final Latencies latencies = Latencies.current();
    private ScratchDirectory directory;
    private BatchWriter batches;

    /** Opens an empty log. */
    @Setup(Level.Trial)
    public void open() throws IOException {
        directory = ScratchDirectory.create();
        batches = log.open(directory.path(), entries, payloadBytes);
    }

    @TearDown(Level.Trial)
    public void close() throws IOException {
        batches.close();
        directory.delete();
    }

    @Benchmark
    public void appendAndSync() throws IOException {
        long began = System.nanoTime();
        batches.writeBatch();
        latencies.record(System.nanoTime() - began);
        batches.tidyUp();
    }
}
