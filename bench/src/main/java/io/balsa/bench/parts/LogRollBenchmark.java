package io.balsa.bench.parts;

import io.balsa.bench.JvmFlags;
import io.balsa.bench.Latencies;
import io.balsa.bench.ScratchDirectory;
import io.balsa.raft.adapter.LogStorageKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

/** The one append and sync for which a segment has no room left, so that the next segment begins. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
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
@Warmup(iterations = 3)
@Measurement(iterations = 10)
public class LogRollBenchmark {
    private static final int BATCH = 64;
    private static final int PAYLOAD_BYTES = 2048;
    private static final int MOST_BATCHES = 100_000;

    @Param({"SEGMENT", "CHRONICLE"})
    public LogStorageKind log;

    private final Latencies latencies = Latencies.current();
    private ScratchDirectory scratch;
    private LogBatches batches;
    private int batchesInSegment;
    private Set<Path> before;

    /** Finds out how many batches fill a segment. */
    @Setup(Level.Trial)
    public void open() throws IOException {
        scratch = ScratchDirectory.create();
        batches = LogBatches.open(scratch.path(), log, BATCH, PAYLOAD_BYTES);
        batches.writeBatch();
        appendUntilItRolls();
        batchesInSegment = appendUntilItRolls();
        batches.sync();
    }

    /** @return how many batches it took, that which rolled included: the new segment has that one */
    private int appendUntilItRolls() throws IOException {
        Set<Path> files = files();
        for (int count = 1; count <= MOST_BATCHES; count++) {
            batches.append();
            if (!files.equals(files())) {
                return count;
            }
        }
        throw new IllegalStateException("no new file after " + MOST_BATCHES + " batches");
    }

    private Set<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(scratch.path())) {
            return files.collect(Collectors.toSet());
        }
    }

    /** Fills the segment up to its last batch; what lies before it goes, as after a snapshot. */
    @Setup(Level.Invocation)
    public void fill() throws IOException {
        for (int i = 1; i < batchesInSegment; i++) {
            batches.append();
        }
        batches.sync();
        batches.keepOnly(BATCH);
        before = files();
    }

    @TearDown(Level.Invocation)
    public void check() throws IOException {
        if (before.equals(files())) {
            throw new IllegalStateException("the log did not begin a new segment");
        }
    }

    @TearDown(Level.Trial)
    public void close() throws IOException {
        batches.close();
        scratch.delete();
    }

    @Benchmark
    public void roll() {
        long began = System.nanoTime();
        batches.writeBatch();
        latencies.record(System.nanoTime() - began);
    }
}
