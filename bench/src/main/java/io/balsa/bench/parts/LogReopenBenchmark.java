package io.balsa.bench.parts;

import io.balsa.bench.JvmFlags;
import io.balsa.bench.ScratchDirectory;
import io.balsa.raft.adapter.DataDirectory;
import io.balsa.raft.adapter.LogStorageKind;
import io.balsa.raft.port.LogStorage;
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

/** Opening a log that was written before: its records are read and checked, and its index is made. Files are in the page cache. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
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
@Warmup(iterations = 1)
@Measurement(iterations = 5)
public class LogReopenBenchmark {
    private static final int BATCH = 256;

    @Param({"SEGMENT", "CHRONICLE"})
    public LogStorageKind log;

    @Param("1000000")
    public int entries;

    @Param("128")
    public int payloadBytes;

    private ScratchDirectory scratch;
    private DataDirectory directory;
    private LogStorage opened;

    /** Writes the log, and closes it. */
    @Setup(Level.Trial)
    public void write() throws IOException {
        scratch = ScratchDirectory.create();
        try (LogBatches batches = LogBatches.open(scratch.path(), log, BATCH, payloadBytes)) {
            while (batches.lastIndex() < entries) {
                batches.append();
            }
            batches.sync();
        }
        directory = LogBatches.openDirectory(scratch.path());
    }

    @TearDown(Level.Invocation)
    public void closeLog() {
        if (opened.lastIndex() < entries) {
            throw new IllegalStateException("the log ends with " + opened.lastIndex() + " instead of " + entries);
        }
        opened.close();
    }

    @TearDown(Level.Trial)
    public void delete() throws IOException {
        directory.close();
        scratch.delete();
    }

    @Benchmark
    public LogStorage reopen() {
        opened = directory.openLog(log);
        return opened;
    }
}
