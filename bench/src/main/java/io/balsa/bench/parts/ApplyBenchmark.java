package io.balsa.bench.parts;

import io.balsa.bench.Findings;
import io.balsa.bench.Heap;
import io.balsa.bench.JvmFlags;
import io.balsa.bench.state.CommandBatch;
import io.balsa.bench.state.ReplicatedState;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One command in the state machine, from the bytes of its log entry to those of its result. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 1,
        jvmArgsPrepend = {JvmFlags.MIN_HEAP, JvmFlags.MAX_HEAP})
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 3, time = 3)
public class ApplyBenchmark {
    private static final int NAMES = 4096;
    private static final int VALUE_BYTES = 128;

    /** A state in which other clients hold locks. */
    @State(Scope.Benchmark)
    public static class Held {
        @Param({"0", "1000000"})
        public int locks;

        private ReplicatedState state;
        private ReplicatedState.Client client;
        private String[] names;

        /** Fills the state. */
        @Setup(Level.Trial)
        public void hold() {
            state = ReplicatedState.empty(locks);
            long before = Heap.usedBytes();
            if (locks > 0) {
                state.holdLocks(locks);
                Findings.current().put("bytesPerLock", (double) (Heap.usedBytes() - before) / locks, "B");
            }
            client = state.openClient();
            names = new String[NAMES];
            for (int i = 0; i < NAMES; i++) {
                names[i] = ReplicatedState.numbered("name", i);
            }
        }
    }

    /** Pairs: a lock is acquired, and released again. */
    @State(Scope.Benchmark)
    public static class Locks {
        private final CommandBatch batch = new CommandBatch();
        private int next;

        /** Encodes the commands. */
        @Setup(Level.Invocation)
        public void encode(Held held) {
            batch.fill(i -> i % 2 == 0
                    ? held.client.acquire(held.names[next % NAMES])
                    : held.client.releaseWhatWasJustAcquired(held.names[next++ % NAMES]));
        }

        @TearDown(Level.Invocation)
        public void check() {
            batch.check();
        }
    }

    /** Keys are written, over and over. */
    @State(Scope.Benchmark)
    public static class Puts {
        private final CommandBatch batch = new CommandBatch();
        private final byte[] value = new byte[VALUE_BYTES];
        private int next;

        /** Encodes the commands. */
        @Setup(Level.Invocation)
        public void encode(Held held) {
            batch.fill(i -> held.client.put(held.names[next++ % NAMES], value));
        }

        @TearDown(Level.Invocation)
        public void check() {
            batch.check();
        }
    }

    /** Half of the operations acquire, the others release. */
    @Benchmark
    @OperationsPerInvocation(CommandBatch.COMMANDS)
    public void acquireOrRelease(Held held, Locks locks) {
        locks.batch.applyTo(held.state.machine());
    }

    @Benchmark
    @OperationsPerInvocation(CommandBatch.COMMANDS)
    public void put(Held held, Puts puts) {
        puts.batch.applyTo(held.state.machine());
    }
}
