package io.balsa.bench.cluster;

import io.balsa.bench.JvmFlags;
import io.balsa.bench.Latencies;
import io.balsa.bench.ScratchDirectory;
import io.balsa.bench.Window;
import io.balsa.bench.replication.ReplicationGroup;
import io.balsa.statemachine.session.Session;
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

/** What users do: a session over TCP with three servers, each a process of its own, durable; all on this machine. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
        value = 1,
        jvmArgsPrepend = {JvmFlags.MIN_HEAP, JvmFlags.MAX_HEAP})
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 3, time = 5)
public class ClusterBenchmark {
    @Param({"LOCK", "PUT", "STRONG_GET", "LEASE_GET", "SESSION_GET", "LOCAL_GET"})
    public Operation operation;

    @Param({"1", "16", "256"})
    public int outstanding;

    private final Latencies latencies = Latencies.current();
    private ScratchDirectory directory;
    private ServerCluster servers;
    private Session session;
    private Window window;
    private int next;

    /** Starts the servers, and writes the keys that are read. */
    @Setup(Level.Trial)
    public void start() throws Exception {
        directory = ScratchDirectory.create();
        servers = ServerCluster.start(directory.path().toAbsolutePath());
        window = new Window(outstanding);
        try {
            session = servers.connect();
            writeKeys();
            // The servers are JVMs that compile their own code, on the same processors.
            Window.warmUpLong(this::startNext, Window.WARM_UP_OUTSTANDING, latencies);
        } catch (Exception e) {
            servers.close();
            throw e;
        }
    }

    private void writeKeys() throws TimeoutException {
        Window puts = new Window(64);
        for (int i = 0; i < Operation.NAMES; i++) {
            int number = i;
            puts.submit(completion -> start(Operation.PUT, number, completion), latencies);
        }
        puts.drain();
        // Their latencies are not what is measured.
        latencies.discard();
    }

    /** Waits for what is under way, and ends the servers. */
    @TearDown(Level.Trial)
    public void end() throws IOException, TimeoutException {
        try {
            window.drain();
            session.close();
        } finally {
            servers.close();
            directory.delete();
        }
    }

    @Benchmark
    public void operate() {
        window.submit(this::startNext, latencies);
    }

    private void startNext(ReplicationGroup.Completion completion) {
        start(operation, next, completion);
        next = (next + 1) % Operation.NAMES;
    }

    private void start(Operation started, int number, ReplicationGroup.Completion completion) {
        CompletableFuture<?> unused =
                started.start(session, number).whenComplete((result, failure) -> completion.done(failure));
    }
}
