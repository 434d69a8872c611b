package io.balsa.bench.lock;

import io.balsa.bench.JvmFlags;
import io.balsa.bench.Latencies;
import io.balsa.bench.Window;
import io.balsa.bench.replication.ReplicationGroup;
import io.balsa.lock.DistributedLock;
import io.balsa.lock.LockLease;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
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

/** One client acquires locks that are free, and releases each at once: an operation is both, one after the other. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
        value = 1,
        jvmArgsPrepend = {JvmFlags.MIN_HEAP, JvmFlags.MAX_HEAP})
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 3, time = 5)
public class LockBenchmark {
    private static final int NAMES = 1024;

    @Param({"NATIVE", "REDIS", "ZOOKEEPER", "CONSUL"})
    public Backend backend;

    /** Operations, each on a key of its own. */
    @Param({"1", "16", "256"})
    public int outstanding;

    private final Latencies latencies = Latencies.current();

    /** Those under way are not in it, so that no two are on the same key. */
    private final Queue<String> idle = new ConcurrentLinkedQueue<>();

    private LockSetup setup;
    private DistributedLock client;
    private Window window;

    /** Starts the servers. */
    @Setup(Level.Trial)
    public void start() throws Exception {
        for (int i = 0; i < NAMES; i++) {
            idle.add("lock-" + i);
        }
        window = new Window(outstanding);
        setup = LockSetup.start(backend);
        try {
            client = setup.open(Window.WARM_UP_OUTSTANDING);
            // Balsa's and ZooKeeper's servers are JVMs that compile their own code, on the same processors.
            Window.warmUpLong(this::startNext, Window.WARM_UP_OUTSTANDING, latencies);
        } catch (Exception e) {
            setup.close();
            throw e;
        }
    }

    /** Waits for what is under way, and ends the servers. */
    @TearDown(Level.Trial)
    public void end() throws IOException, TimeoutException {
        try {
            window.drain();
        } finally {
            setup.close();
        }
    }

    @Benchmark
    public void acquireAndRelease() {
        window.submit(this::startNext, latencies);
    }

    private void startNext(ReplicationGroup.Completion completion) {
        String key = idle.remove();
        CompletableFuture<?> unused = client.acquireAsync(key, LockSetup.TTL)
                .thenCompose(LockLease::releaseAsync)
                .whenComplete((released, failure) -> {
                    idle.add(key);
                    completion.done(failure != null || released ? failure : lost(key));
                });
    }

    private static IllegalStateException lost(String key) {
        return new IllegalStateException("the lock '" + key + "' was lost before it was released");
    }
}
