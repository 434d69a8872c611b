package io.balsa.bench.command;

import io.balsa.bench.replication.ReplicationProduct;
import io.balsa.bench.replication.Setting;
import io.balsa.bench.replication.Setting.Durability;
import io.balsa.bench.replication.Setting.Network;
import java.nio.file.Path;
import java.util.Locale;

/**
 * One kind of work that all products do.
 *
 * @param outstanding how many commands are under way
 */
record Cell(Durability durability, Network network, int nodes, int outstanding, int payloadBytes) {
    /** As it is shown, and matched by {@code --only}. */
    String name() {
        return String.format(
                Locale.ROOT,
                "%s, %s, %d outstanding%s%s",
                durability == Durability.FSYNC ? "fsync" : "memory",
                network == Network.TCP ? "TCP" : "same JVM",
                outstanding,
                payloadBytes == 128 ? "" : ", " + payloadBytes + " B",
                nodes == 3 ? "" : ", " + nodes + " nodes");
    }

    boolean isInMemoryOverTcp() {
        return durability == Durability.MEMORY && network == Network.TCP;
    }

    boolean isFor(ReplicationProduct product) {
        return product.supports(new Setting(nodes, durability, network, Path.of("")));
    }
}
