package io.balsa.bench.lock;

import io.balsa.bench.Findings;
import io.balsa.bench.JvmFlags;
import io.balsa.bench.Latencies;
import io.balsa.bench.Window;
import io.balsa.bench.replication.ReplicationGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
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

/**
 * Clients that all want one lock: each waits for it, releases it at once, and waits again. The latency of an operation is that
 * of wait and release together. Besides it tells how even the shares of the clients are, and the longest wait of any.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
        value = 1,
        jvmArgsPrepend = {JvmFlags.MIN_HEAP, JvmFlags.MAX_HEAP})
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 3, time = 5)
public class ContendedLockBenchmark {
    private static final String KEY = "contended";
    private static final double PERCENT = 100;
    private static final double NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    @Param({"NATIVE", "REDIS", "ZOOKEEPER", "CONSUL"})
    public Backend backend;

    /** Each with connections of its own. */
    @Param("16")
    public int clients;

    private final Latencies latencies = Latencies.current();
    private final List<Contender> contenders = new ArrayList<>();

    /** Those that neither wait for the lock nor hold it. */
    private final Queue<Contender> idle = new ConcurrentLinkedQueue<>();

    private LockSetup setup;
    private Window window;

    /** Starts the servers, and opens the clients. */
    @Setup(Level.Trial)
    public void start() throws Exception {
        window = new Window(clients);
        setup = LockSetup.start(backend);
        try {
            for (int i = 0; i < clients; i++) {
                contenders.add(new Contender(setup.open(1)));
            }
            idle.addAll(contenders);
            Window.warmUpLong(this::startNext, clients, latencies);
        } catch (Exception e) {
            setup.close();
            throw e;
        }
    }

    /** Begins to count. */
    @Setup(Level.Iteration)
    public void beginCounting() {
        contenders.forEach(Contender::reset);
    }

    /** Tells how even it was; those that still wait go on. */
    @TearDown(Level.Iteration)
    public void tellFairness() {
        List<Long> acquisitions =
                contenders.stream().map(Contender::acquisitions).toList();
        if (acquisitions.stream().allMatch(count -> count == 0)) {
            return;
        }
        Fairness fairness = Fairness.of(acquisitions);
        Findings.current().put("leastShare", fairness.leastShare() * PERCENT, "%");
        Findings.current().put("mostShare", fairness.mostShare() * PERCENT, "%");
        Findings.current().put("longestWait", longestWaitNanos() / NANOS_PER_MILLI, "ms");
    }

    private long longestWaitNanos() {
        return contenders.stream().mapToLong(Contender::longestWaitNanos).max().orElseThrow();
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
        Contender contender = idle.remove();
        contender.acquireAndRelease(KEY, failure -> {
            idle.add(contender);
            completion.done(failure);
        });
    }
}
