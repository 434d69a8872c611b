package io.balsa.simulation;

import io.balsa.raft.node.RaftOptions;
import io.balsa.raft.port.StateMachine;
import io.balsa.statemachine.CoordinationStateMachine;
import java.time.Duration;
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
        faults = faults.isEmpty() ? Set.of() : java.util.Collections.unmodifiableSet(EnumSet.copyOf(faults));
        if (nodes < 0 || nodes > MOST_NODES) {
            throw new IllegalArgumentException("nodes must be from 0 to " + MOST_NODES + ", not " + nodes);
        }
        Objects.requireNonNull(chaos, "chaos");
        Objects.requireNonNull(progressBound, "progressBound");
    }

    /** Balsa's own state machine, its clients, all faults. */
    public static SimulationOptions defaults() {
        return new SimulationOptions(
                CoordinationStateMachine::new,
                CoordinationWorkload::new,
                EnumSet.allOf(Fault.class),
                0,
                Duration.ofSeconds(25),
                Duration.ofSeconds(15),
                0);
    }

    /** The same, keeping the last lines of the trace. */
    public SimulationOptions withTailLines(int lines) {
        return new SimulationOptions(stateMachine, workload, faults, nodes, chaos, progressBound, lines);
    }

    /** The same with other faults. */
    public SimulationOptions withFaults(Set<Fault> others) {
        return new SimulationOptions(stateMachine, workload, others, nodes, chaos, progressBound, tailLines);
    }

    RaftOptions raftOptions(long seed) {
        return RaftOptions.builder()
                .heartbeatInterval(Duration.ofMillis(100))
                .electionTimeout(Duration.ofMillis(500))
                .inboxCapacity(256)
                .seed(seed)
                .build();
    }
}
