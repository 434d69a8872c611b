package io.balsa.bench.parts;

import io.balsa.bench.Findings;
import io.balsa.bench.JvmFlags;
import io.balsa.bench.ScratchDirectory;
import io.balsa.bench.state.ReplicatedState;
import io.balsa.raft.adapter.FileSnapshotStorage;
import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.core.SnapshotMetadata;
import io.balsa.raft.port.SnapshotStorage;
import io.balsa.raft.port.StateMachine;
import io.balsa.statemachine.CoordinationStateMachine;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
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

/** Snapshots of a state of key-values: cut, written, and installed elsewhere; without a network and its limit of rate. */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsPrepend = {JvmFlags.MIN_HEAP, JvmFlags.MAX_HEAP})
@Warmup(iterations = 2)
@Measurement(iterations = 5)
public class SnapshotBenchmark {
    private static final int VALUE_BYTES = 1024;
    private static final int KEYS_PER_MEGABYTE = (1 << 20) / VALUE_BYTES;
    /** As in a message between servers. */
    private static final int CHUNK_BYTES = 256 << 10;

    private static final double BYTES_PER_MEGABYTE = 1e6;

    /** A state, and an empty place for its snapshot. */
    @State(Scope.Benchmark)
    public static class Large {
        @Param("100")
        public int megabytes;

        private ReplicatedState state;
        private ScratchDirectory scratch;
        private FileSnapshotStorage storage;

        /** Fills the state. */
        @Setup(Level.Trial)
        public void fill() {
            state = ReplicatedState.empty(keys());
            state.putKeys(keys(), VALUE_BYTES);
        }

        int keys() {
            return megabytes * KEYS_PER_MEGABYTE;
        }

        @Setup(Level.Invocation)
        public void open() throws IOException {
            scratch = ScratchDirectory.create();
            storage = FileSnapshotStorage.open(scratch.path());
        }

        @TearDown(Level.Invocation)
        public void close() throws IOException {
            storage.close();
            scratch.delete();
        }

        private SnapshotDescription write() throws IOException {
            SnapshotMetadata metadata =
                    new SnapshotMetadata(state.lastIndex(), 1, 1, Configuration.of(List.of(NodeId.of("n1"))));
            try (StateMachine.Snapshot cut = state.machine().cutSnapshot();
                    SnapshotStorage.Writing writing = storage.write(metadata)) {
                cut.writeTo(writing.output());
                return writing.publish();
            }
        }
    }

    /** A snapshot that was written. */
    @State(Scope.Benchmark)
    public static class Written {
        private SnapshotDescription description;
        private ScratchDirectory scratch;
        private FileSnapshotStorage receiver;
        private CoordinationStateMachine machine;

        /** Writes the snapshot. */
        @Setup(Level.Invocation)
        public void write(Large large) throws IOException {
            description = large.write();
            scratch = ScratchDirectory.create();
            receiver = FileSnapshotStorage.open(scratch.path());
            machine = ReplicatedState.emptyMachine(large.keys());
        }

        @TearDown(Level.Invocation)
        public void close() throws IOException {
            receiver.close();
            scratch.delete();
        }
    }

    /** What the applier can't do anything else meanwhile. */
    @Benchmark
    public void cut(Large large) {
        large.state.machine().cutSnapshot().close();
    }

    /** Until it is durable. */
    @Benchmark
    public SnapshotDescription write(Large large) throws IOException {
        long began = System.nanoTime();
        SnapshotDescription description = large.write();
        putRate(description, began);
        return description;
    }

    /** In parts, until it is durable and the state is that of the snapshot. */
    @Benchmark
    public CoordinationStateMachine install(Large large, Written written) throws IOException {
        long began = System.nanoTime();
        try (SnapshotStorage.Source source =
                        large.storage.open(written.description).orElseThrow();
                SnapshotStorage.Receiving receiving = written.receiver.receive(written.description)) {
            while (receiving.nextOffset() < written.description.sizeBytes()) {
                receiving.store(source.read(receiving.nextOffset(), CHUNK_BYTES));
            }
            if (!receiving.publish()) {
                throw new IllegalStateException("the snapshot arrived damaged");
            }
        }
        try (InputStream input = written.receiver.read(written.description)) {
            written.machine.restore(input);
        }
        putRate(written.description, began);
        return written.machine;
    }

    private static void putRate(SnapshotDescription description, long beganNanos) {
        double seconds = (System.nanoTime() - beganNanos) / (double) TimeUnit.SECONDS.toNanos(1);
        Findings.current().put("rate", description.sizeBytes() / BYTES_PER_MEGABYTE / seconds, "MB/s");
    }
}
