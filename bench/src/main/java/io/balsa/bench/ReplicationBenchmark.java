package io.balsa.bench;

import io.balsa.bench.replication.ReplicationGroup;
import io.balsa.bench.replication.ReplicationProduct;
import io.balsa.bench.replication.Setting;
import java.io.IOException;
import java.nio.file.Path;
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

/**
 * Commands through the leader of a group whose nodes are all in this JVM: one client thread keeps a number of them under way.
 * An operation is over when the leader has committed and applied it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {
            JvmFlags.EXPORT_REF,
            JvmFlags.OPEN_REFLECT,
            JvmFlags.OPEN_CHANNELS,
            JvmFlags.OPEN_MISC,
            JvmFlags.NO_ANALYTICS,
            JvmFlags.MIN_HEAP,
            JvmFlags.MAX_HEAP
        })
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 3, time = 5)
public class ReplicationBenchmark {
    private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** See {@link Products#all()}. */
    @Param({"balsa", "balsa-chronicle", "jgroups-raft", "microraft", "sofa-jraft", "ratis", "aeron-cluster", "zookeeper"
    })
    public String product;

    @Param({"FSYNC", "MEMORY"})
    public Setting.Durability durability;

    @Param({"TCP", "SAME_JVM"})
    public Setting.Network network;

    @Param("3")
    public int nodes;

    @Param({"1", "16", "256", "4096"})
    public int outstanding;

    @Param({"128", "1024", "16384"})
    public int payloadBytes;

    private final Latencies latencies = Latencies.current();
    private ScratchDirectory directory;
    private ReplicationGroup group;
    private Window window;
    private byte[] command;

    /** Starts the group. */
    @Setup(Level.Trial)
    public void start() throws Exception {
        directory = ScratchDirectory.create();
        Path data = directory.path();
        Setting setting = new Setting(nodes, durability, network, data);
        ReplicationProduct measured = Products.named(product);
        if (!measured.supports(setting)) {
            throw new IllegalArgumentException(product + " does not run with " + durability + " and " + network);
        }
        group = measured.start(setting);
        window = new Window(outstanding);
        command = new byte[payloadBytes];
    }

    /** Waits for what is under way, and ends the group. */
    @TearDown(Level.Trial)
    public void end() throws IOException, TimeoutException {
        try {
            window.drain(DRAIN_NANOS);
        } finally {
            group.close();
            directory.delete();
        }
    }

    @Benchmark
    public void replicate() {
        window.submit(group, command, 0, latencies);
    }
}
