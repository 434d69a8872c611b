package io.balsa.bench.parts;

import io.balsa.bench.JvmFlags;
import io.balsa.bench.Latencies;
import io.balsa.bench.ScratchDirectory;
import io.balsa.bench.Window;
import io.balsa.bench.balsa.BalsaGroup;
import io.balsa.bench.replication.ReplicationGroup;
import io.balsa.bench.replication.Setting;
import io.balsa.raft.adapter.LogStorageKind;
import io.balsa.raft.node.RaftNode;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.ReadConsistency;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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

/** Reads at the leader of three nodes, asked in its JVM: nothing is written meanwhile, and the state machine only counts. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
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
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 3, time = 3)
public class ReadBenchmark {
    private static final int NODES = 3;
    private static final long TIMEOUT_MILLIS = TimeUnit.MINUTES.toMillis(5);
    private static final byte[] QUERY = {};

    /** LINEARIZABLE is by ReadIndex. */
    @Param({"LINEARIZABLE", "LEASE", "SESSION", "LOCAL"})
    public ReadConsistency consistency;

    @Param({"1", "256"})
    public int outstanding;

    @Param("TCP")
    public Setting.Network network;

    /** Of what was written before: a read itself needs no disk. */
    @Param({"FSYNC", "MEMORY"})
    public Setting.Durability durability;

    private final Latencies latencies = Latencies.current();
    private ScratchDirectory directory;
    private BalsaGroup group;
    private RaftNode leader;
    private Window window;
    private ClientRequest.Read request;

    /** Starts the group. */
    @Setup(Level.Trial)
    public void start() throws Exception {
        directory = ScratchDirectory.create();
        group = BalsaGroup.start(new Setting(NODES, durability, network, directory.path()), LogStorageKind.SEGMENT);
        leader = group.leader();
        window = new Window(outstanding);
        // A session that has seen the last write.
        request = new ClientRequest.Read(consistency, leader.status().lastApplied(), QUERY, TIMEOUT_MILLIS);
        Window.warmUp(this::start, latencies);
    }

    /** Waits for what is under way, and ends the group. */
    @TearDown(Level.Trial)
    public void end() throws IOException, TimeoutException {
        try {
            window.drain();
        } finally {
            group.close();
            directory.delete();
        }
    }

    @Benchmark
    public void read() {
        window.submit(this::start, latencies);
    }

    private void start(ReplicationGroup.Completion completion) {
        CompletableFuture<?> unused = leader.submit(request)
                .whenComplete((response, failure) -> completion.done(
                        response instanceof ClientResponse.Answer
                                ? null
                                : new IllegalStateException(String.valueOf(response), failure)));
    }
}
