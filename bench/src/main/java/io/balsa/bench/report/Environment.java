package io.balsa.bench.report;

import io.balsa.bench.replication.Setting.Durability;
import io.balsa.bench.replication.Setting.Network;

/** Under what commands are replicated. */
public record Environment(Durability durability, Network network) {
    /** As it is shown. */
    public String label() {
        return (durability == Durability.FSYNC ? "fsync" : "memory")
                + ", "
                + (network == Network.TCP ? "TCP" : "same JVM");
    }

    boolean isDurableOverTcp() {
        return durability == Durability.FSYNC && network == Network.TCP;
    }

    /** In a sentence. */
    String explanation() {
        String log = durability == Durability.FSYNC
                ? "A command is done when a majority has it on disk, synced."
                : "Nothing is synced: logs are in memory, or in files where a product has no other.";
        String messages = network == Network.TCP
                ? "Nodes speak over loopback."
                : "Messages are handed over as objects, without network and serialization.";
        return log + " " + messages;
    }
}
