package io.balsa.simulation;

import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.StateMachine;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;

/** The state machine of one process, with the {@link Ledger} looking over its shoulder. */
final class WatchedMachine implements StateMachine {
    private final Cluster cluster;
    private final SimulatedNode node;
    private final StateMachine machine;

    WatchedMachine(Cluster cluster, SimulatedNode node, StateMachine machine) {
        this.cluster = cluster;
        this.node = node;
        this.machine = machine;
    }

    StateMachine machine() {
        return machine;
    }

    @Override
    public byte[] apply(LogEntry entry) {
        cluster.ledger().applying(node, entry);
        byte[] result = machine.apply(entry);
        cluster.ledger().applied(node, entry, result, machine);
        return result;
    }

    @Override
    public void read(byte[] query, CompletableFuture<byte[]> reply) {
        machine.read(query, reply);
    }

    @Override
    public long nextDeadlineMillis() {
        return machine.nextDeadlineMillis();
    }

    @Override
    public Snapshot cutSnapshot() {
        Snapshot cut = machine.cutSnapshot();
        cluster.ledger().compareState(node, cut.index(), machine);
        return cut;
    }

    @Override
    public void restore(InputStream input) throws IOException {
        machine.restore(input);
        cluster.ledger().restored(node, machine);
    }
}
