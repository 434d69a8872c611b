package io.balsa.bench.replication;

import java.nio.file.Path;

/**
 * Under what a product replicates.
 *
 * @param directory empty, for durable data; deleted by the caller afterwards
 */
public record Setting(int nodes, Durability durability, Network network, Path directory) {

    /** MEMORY: the log in memory, or on disk without fsync where the product has no other. */
    public enum Durability {
        MEMORY,
        FSYNC
    }

    /** TCP: loopback, on ports chosen by the system. */
    public enum Network {
        SAME_JVM,
        TCP
    }
}
