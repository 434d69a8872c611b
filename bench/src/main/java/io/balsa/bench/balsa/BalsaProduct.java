package io.balsa.bench.balsa;

import io.balsa.bench.replication.ReplicationGroup;
import io.balsa.bench.replication.ReplicationProduct;
import io.balsa.bench.replication.Setting;
import io.balsa.bench.replication.Setting.Durability;
import io.balsa.raft.adapter.LogStorageKind;
import java.util.Optional;

/** Balsa's Raft core with a state machine that counts, without what the coordination service puts on top. */
public final class BalsaProduct implements ReplicationProduct {
    private final String name;
    private final LogStorageKind log;

    public BalsaProduct(String name, LogStorageKind log) {
        this.name = name;
        this.log = log;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String version() {
        return Optional.ofNullable(BalsaProduct.class.getPackage().getImplementationVersion())
                .orElse("of this tree");
    }

    @Override
    public String configuration() {
        return "RaftOptions.DEFAULT, but with room for 4096 commands of 16 KiB; a LoopDutyRunner on the one network thread of each node over TCP, on one thread for all"
                + " within the JVM; snapshots as usual, in memory after 8 MiB of entries; "
                + (log == LogStorageKind.SEGMENT
                        ? "segment files, written past the kernel's cache where the file system allows it"
                        : "Chronicle Queue")
                + ", a CRC32C of each record and of each entry, one sync for each batch; all checks of invariants on. Commands by RaftNode.submit at the leader.";
    }

    /** Without a disk both kinds of log are the same memory. */
    @Override
    public boolean supports(Setting setting) {
        return setting.durability() == Durability.FSYNC || log == LogStorageKind.SEGMENT;
    }

    @Override
    public ReplicationGroup start(Setting setting) throws Exception {
        return BalsaGroup.start(setting, log);
    }
}
