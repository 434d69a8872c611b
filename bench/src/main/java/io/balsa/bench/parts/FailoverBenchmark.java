package io.balsa.bench.parts;

import io.balsa.bench.JvmFlags;
import io.balsa.bench.Latencies;
import io.balsa.bench.ScratchDirectory;
import io.balsa.bench.balsa.BalsaGroup;
import io.balsa.bench.replication.Setting;
import io.balsa.raft.adapter.LogStorageKind;
import io.balsa.raft.node.RaftNode;
import io.balsa.raft.node.RaftOptions;
import io.balsa.raft.port.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
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

/** From the leader's end until another leader has applied a command; durable, over TCP, with an election timeout of 500 ms. */
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
@Warmup(iterations = 2)
@Measurement(iterations = 10)
public class FailoverBenchmark {
    /** How the leader ends. */
    public enum End {
        /** It is closed, and hands its office over first. */
        HANDOVER,
        /** It is closed without a word: its connections break. */
        CLOSE,
        /** Its network is cut: the others hear nothing any more. */
        CUT
    }

    @Param({"HANDOVER", "CLOSE", "CUT"})
    public End end;

    @Param("3")
    public int nodes;

    private final Latencies latencies = Latencies.current();
    private final List<SeverableTransport> transports = new ArrayList<>();
    private ScratchDirectory directory;
    private BalsaGroup group;
    private RaftNode leader;
    private List<RaftNode> others;
    private Thread closing;

    /** Starts a group. */
    @Setup(Level.Invocation)
    public void start() throws Exception {
        directory = ScratchDirectory.create();
        transports.clear();
        Duration handover = end == End.HANDOVER ? Duration.ofSeconds(2) : Duration.ZERO;
        group = BalsaGroup.build(
                new Setting(nodes, Setting.Durability.FSYNC, Setting.Network.TCP, directory.path()),
                LogStorageKind.SEGMENT,
                new BalsaGroup.Variation(
                        RaftOptions.builder().handoverTimeout(handover).build(), this::severable));
        group.start();
        leader = group.leader();
        others = group.nodes().stream().filter(node -> node != leader).toList();
        closing = new Thread(leader::close, "closes-the-leader");
    }

    private Transport severable(Transport transport) {
        SeverableTransport severable = new SeverableTransport(transport);
        transports.add(severable);
        return severable;
    }

    /** Ends the group. */
    @TearDown(Level.Invocation)
    public void end() throws IOException, InterruptedException {
        closing.join();
        group.close();
        directory.delete();
    }

    @Benchmark
    public RaftNode failOver() throws Exception {
        long began = System.nanoTime();
        if (end == End.CUT) {
            transports.get(group.nodes().indexOf(leader)).sever();
        } else {
            closing.start();
        }
        RaftNode next = BalsaGroup.awaitLeader(others);
        latencies.record(System.nanoTime() - began);
        return next;
    }
}
