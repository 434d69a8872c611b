package io.balsa.bench.growth;

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

/** One command in a state machine that has ever more objects, and what each object takes of the heap. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 1,
        jvmArgsPrepend = {JvmFlags.LARGE_MIN_HEAP, JvmFlags.LARGE_MAX_HEAP})
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 3, time = 3)
public class ObjectsBenchmark {
    private static final int NAMES = 4096;

    /** What there is many of: locks that are held, or instances of services, a hundred of each. */
    public enum Kind {
        LOCKS {
            @Override
            void load(ReplicatedState state, int objects) {
                state.holdLocks(objects);
            }

            @Override
            void fill(CommandBatch batch, ReplicatedState.Client client, String[] names) {
                batch.fill(i -> i % 2 == 0
                        ? client.acquire(names[i % NAMES])
                        : client.releaseWhatWasJustAcquired(names[(i - 1) % NAMES]));
            }
        },

        SERVICES {
            @Override
            void load(ReplicatedState state, int objects) {
                state.registerServices(objects);
            }

            @Override
            void fill(CommandBatch batch, ReplicatedState.Client client, String[] names) {
                batch.fill(i -> i % 2 == 0
                        ? client.register(names[i % NAMES], "instance")
                        : client.deregister(names[(i - 1) % NAMES], "instance"));
            }
        };

        abstract void load(ReplicatedState state, int objects);

        /** Pairs: one more is added, and taken away again. */
        abstract void fill(CommandBatch batch, ReplicatedState.Client client, String[] names);
    }

    @Param({"LOCKS", "SERVICES"})
    public Kind kind;

    @Param({"1000", "10000", "100000", "1000000"})
    public int objects;

    private final CommandBatch batch = new CommandBatch();
    private final String[] names = new String[NAMES];
    private ReplicatedState state;
    private ReplicatedState.Client client;

    /** Makes the objects. */
    @Setup(Level.Trial)
    public void load() {
        state = ReplicatedState.empty(objects);
        long before = Heap.usedBytes();
        kind.load(state, objects);
        Findings.current().put("bytesPerObject", (double) (Heap.usedBytes() - before) / objects, "B");
        client = state.openClient();
        for (int i = 0; i < NAMES; i++) {
            names[i] = ReplicatedState.numbered("name", i);
        }
    }

    /** Encodes the commands. */
    @Setup(Level.Invocation)
    public void encode() {
        kind.fill(batch, client, names);
    }

    @TearDown(Level.Invocation)
    public void check() {
        batch.check();
    }

    /** Half of the operations add an object, the others remove it. */
    @Benchmark
    @OperationsPerInvocation(CommandBatch.COMMANDS)
    public void addOrRemove() {
        batch.applyTo(state.machine());
    }
}
