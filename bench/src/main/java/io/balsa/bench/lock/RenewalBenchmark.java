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

/** One client renews the locks that it holds, in turn. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
        value = 1,
        jvmArgsPrepend = {JvmFlags.MIN_HEAP, JvmFlags.MAX_HEAP})
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 3, time = 5)
public class RenewalBenchmark {
    @Param({"NATIVE", "REDIS", "ZOOKEEPER", "CONSUL"})
    public Backend backend;

    /** Renewals, each of a lock of its own. */
    @Param({"1", "16", "256"})
    public int outstanding;

    private final Latencies latencies = Latencies.current();

    /** Those that are being renewed are not in it. */
    private final Queue<LockLease> idle = new ConcurrentLinkedQueue<>();

    private LockSetup setup;
    private Window window;

    /** Starts the servers, and acquires the locks. */
    @Setup(Level.Trial)
    public void start() throws Exception {
        window = new Window(outstanding);
        setup = LockSetup.start(backend);
        try {
            acquire(Math.max(outstanding, Window.WARM_UP_OUTSTANDING));
            Window.warmUpLong(this::startNext, Window.WARM_UP_OUTSTANDING, latencies);
        } catch (Exception e) {
            setup.close();
            throw e;
        }
    }

    private void acquire(int count) throws IOException, TimeoutException {
        DistributedLock client = setup.open(count);
        Window acquisitions = new Window(16);
        for (int i = 0; i < count; i++) {
            String key = "held-" + i;
            acquisitions.submit(completion -> acquire(client, key, completion), latencies);
        }
        acquisitions.drain();
        // Their latencies are not what is measured.
        latencies.discard();
    }

    private void acquire(DistributedLock client, String key, ReplicationGroup.Completion completion) {
        CompletableFuture<?> unused = client.acquireAsync(key, LockSetup.TTL)
                .thenAccept(idle::add)
                .whenComplete((added, failure) -> completion.done(failure));
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
    public void renew() {
        window.submit(this::startNext, latencies);
    }

    private void startNext(ReplicationGroup.Completion completion) {
        LockLease lease = idle.remove();
        CompletableFuture<?> unused = lease.renewAsync(LockSetup.TTL).whenComplete((renewed, failure) -> {
            idle.add(lease);
            completion.done(failure != null || renewed ? failure : lost(lease));
        });
    }

    private static IllegalStateException lost(LockLease lease) {
        return new IllegalStateException("the lock '" + lease.key() + "' was lost before it was renewed");
    }
}
