package io.balsa.simulation;

import io.balsa.raft.node.CompactionPolicy;
import io.balsa.raft.node.RaftOptions;
import io.balsa.raft.port.StateMachine;
import io.balsa.statemachine.CoordinationStateMachine;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What is simulated, apart from the seed. Immutable.
 *
 * @param stateMachine makes the state machine of one process
 * @param workload makes what the clients of one run do
 * @param faults of which each seed draws its own mix
 * @param nodes how many servers; 0 lets the seed decide
 * @param chaos how long things go wrong, before all is mended
 * @param progressBound how long a majority that is left in peace may take to serve its clients
 * @param tailLines how many of the last lines of a trace are kept; 0 makes no lines, which is faster
 */
public record SimulationOptions(
        Supplier<? extends StateMachine> stateMachine,
        Function<WorkloadContext, ? extends Workload> workload,
        Set<Fault> faults,
        int nodes,
        Duration chaos,
        Duration progressBound,
        int tailLines) {
    private static final int MOST_NODES = 9;

    public SimulationOptions {
        Objects.requireNonNull(stateMachine, "stateMachine");
        Objects.requireNonNull(workload, "workload");
        faults = faults.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(faults));
        if (nodes < 0 || nodes > MOST_NODES) {
            throw new IllegalArgumentException("nodes must be from 0 to " + MOST_NODES + ", not " + nodes);
        }
        Objects.requireNonNull(chaos, "chaos");
        Objects.requireNonNull(progressBound, "progressBound");
    }

    /** Balsa's own state machine and its clients, all faults. */
    public static SimulationOptions defaults() {
        return builder().build();
    }

    /** Begins with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** The same, keeping the last lines of the trace. */
    public SimulationOptions withTailLines(int lines) {
        return new SimulationOptions(stateMachine, workload, faults, nodes, chaos, progressBound, lines);
    }

    RaftOptions raftOptions(long seed, FaultPlan plan) {
        return RaftOptions.builder()
                .heartbeatInterval(Duration.ofMillis(100))
                .electionTimeout(Duration.ofMillis(500))
                .inboxCapacity(256)
                .compaction(new CompactionPolicy(64L << 20, plan.snapshotEveryEntries(), plan.keptEntries()))
                .maxSnapshotBytesPerSecond(plan.snapshotBytesPerSecond())
                .snapshotTimeout(Duration.ofSeconds(3))
                .seed(seed)
                .build();
    }

    /** Gathers options. */
    public static final class Builder {
        private Supplier<? extends StateMachine> stateMachine = CoordinationStateMachine::new;
        private Function<WorkloadContext, ? extends Workload> workload = CoordinationWorkload::new;
        private Set<Fault> faults = EnumSet.allOf(Fault.class);
        private int nodes;
        private Duration chaos = Duration.ofSeconds(25);
        private Duration progressBound = Duration.ofSeconds(15);
        private int tailLines;

        private Builder() {}

        /** Makes the state machine of one process, empty; Balsa's own unless set. */
        public Builder stateMachine(Supplier<? extends StateMachine> value) {
            stateMachine = value;
            return this;
        }

        /** Makes what the clients of one run do; sessions with key-values, locks and services unless set. */
        public Builder workload(Function<WorkloadContext, ? extends Workload> value) {
            workload = value;
            return this;
        }

        /** Of which faults each seed draws its own mix; all unless set. */
        public Builder faults(Set<Fault> value) {
            faults = value;
            return this;
        }

        /** How many servers; 0 lets the seed decide, unless set. */
        public Builder nodes(int value) {
            nodes = value;
            return this;
        }

        /** How long things go wrong, before all is mended; 25 s unless set. */
        public Builder chaos(Duration value) {
            chaos = value;
            return this;
        }

        /** How long a majority that is left in peace may take to serve its clients; 15 s unless set. */
        public Builder progressBound(Duration value) {
            progressBound = value;
            return this;
        }

        /** How many of the last lines of a trace are kept; none unless set. */
        public Builder tailLines(int value) {
            tailLines = value;
            return this;
        }

        /** Makes the options. */
        public SimulationOptions build() {
            return new SimulationOptions(stateMachine, workload, faults, nodes, chaos, progressBound, tailLines);
        }
    }
}
