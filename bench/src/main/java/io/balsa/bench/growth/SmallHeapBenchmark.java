package io.balsa.bench.growth;

import io.balsa.bench.Findings;
import io.balsa.bench.FullCollections;
import io.balsa.bench.Heap;
import io.balsa.bench.JvmFlags;
import io.balsa.bench.Latencies;
import io.balsa.bench.ScratchDirectory;
import io.balsa.bench.Window;
import io.balsa.bench.balsa.BalsaGroup;
import io.balsa.bench.replication.ReplicationGroup;
import io.balsa.bench.replication.Setting;
import io.balsa.raft.adapter.LogStorageKind;
import io.balsa.raft.node.RaftNode;
import io.balsa.raft.node.RaftOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
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

/**
 * A minute of load on three nodes that share a heap of 256 MB: whether the collector keeps up without stopping everything, and
 * what is in use afterwards, also when a follower stands still and what is meant for it could pile up. What the leader
 * keeps for it beyond memory would end the run.
 */
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
            JvmFlags.COLLECTOR,
            JvmFlags.SMALL_MIN_HEAP,
            JvmFlags.SMALL_MAX_HEAP
        })
@Warmup(iterations = 1, time = 5)
@Measurement(iterations = 1, time = 60)
public class SmallHeapBenchmark {
    private static final int NODES = 3;
    private static final double MEGABYTE = 1 << 20;
    /** With one follower stopped, a leader whose other one pauses for longer would step down, and the run be over. */
    private static final Duration ELECTION_TIMEOUT = Duration.ofSeconds(3);

    /** What becomes of one follower. */
    public enum Follower {
        RUNS,
        /** It is closed: its connections end, and none can be made. */
        CLOSED,
        /** It stands still: its connections stay, and nothing is taken from them. */
        HELD
    }

    @Param({"RUNS", "CLOSED", "HELD"})
    public Follower follower;

    @Param("FSYNC")
    public Setting.Durability durability;

    @Param("4096")
    public int outstanding;

    @Param("128")
    public int payloadBytes;

    private final Latencies latencies = Latencies.current();
    private ScratchDirectory directory;
    private BalsaGroup group;
    private BalsaGroup.Held held = () -> {};
    private Window window;
    private byte[] command;
    private FullCollections before;

    /** Starts the group, and stops a follower. */
    @Setup(Level.Trial)
    public void start() throws Exception {
        directory = ScratchDirectory.create();
        group = BalsaGroup.build(
                new Setting(NODES, durability, Setting.Network.TCP, directory.path()),
                LogStorageKind.SEGMENT,
                new BalsaGroup.Variation(
                        RaftOptions.builder().electionTimeout(ELECTION_TIMEOUT).build(), UnaryOperator.identity()));
        group.start();
        window = new Window(outstanding);
        command = new byte[payloadBytes];
        Window.warmUp(this::submit, latencies);
        RaftNode stopped = group.nodes().stream()
                .filter(node -> node != group.leader())
                .findFirst()
                .orElseThrow();
        if (follower == Follower.CLOSED) {
            stopped.close();
        } else if (follower == Follower.HELD) {
            held = group.hold(stopped);
        }
    }

    /** Begins to count. */
    @Setup(Level.Iteration)
    public void beginCounting() {
        before = FullCollections.now();
    }

    /** Tells what the collector had to do, and what it leaves. */
    @TearDown(Level.Iteration)
    public void tellMemory() throws TimeoutException {
        window.drain();
        FullCollections after = FullCollections.now();
        Findings.current().put("fullCollections", (double) (after.count() - before.count()), "in all");
        Findings.current().put("inUse", Heap.usedBytes() / MEGABYTE, "MB");
    }

    /** Ends the group. */
    @TearDown(Level.Trial)
    public void end() throws IOException {
        held.close();
        try {
            group.close();
        } finally {
            directory.delete();
        }
    }

    @Benchmark
    public void replicate() {
        window.submit(this::submit, latencies);
    }

    private void submit(ReplicationGroup.Completion completion) {
        group.submit(command, completion);
    }
}
