package io.balsa.simulation.planted;

import static io.balsa.simulation.planted.Sources.CORE;
import static io.balsa.simulation.planted.Sources.STATE_MACHINE;

import java.util.List;

/** Bugs in how the beginning of a log is replaced by a snapshot. */
final class SnapshotBugs {
    private SnapshotBugs() {}

    static List<PlantedBug> all() {
        return List.of(
                STATE_MACHINE.bug(
                        "snapshot loses results",
                        List.of(57, 59),
                        "A snapshot brings back the results that clients may still ask for.",
                        "StateRestorer",
                        "session.results().remember(result.getSequence(), result.getResult().toByteArray());",
                        ""),
                STATE_MACHINE.bug(
                        "snapshot begins tokens anew",
                        List.of(56, 67),
                        "A snapshot brings back the token of each lock.",
                        "LockRecords",
                        "record.getCount(), record.getToken(), record.getGrantedMillis());\n            table.restore(",
                        "record.getCount(), 1, record.getGrantedMillis());\n            table.restore("),
                STATE_MACHINE.bug(
                        "snapshot prolongs locks",
                        List.of(56, 70),
                        "A snapshot brings back the deadlines.",
                        "LockRecords",
                        "table.restore(holding, mode, record.getToken(), record.getDeadlineMillis());",
                        "table.restore(holding, mode, record.getToken(), record.getDeadlineMillis() + 1_000);"),
                STATE_MACHINE.bug(
                        "snapshot loses waiters",
                        List.of(56, 74),
                        "A snapshot brings back who waits for a lock.",
                        "LockRecords",
                        "record.getWaitersList().forEach(waiter -> restore(waiter, lock, table, sessions));",
                        ""),
                STATE_MACHINE.bug(
                        "snapshot loses readers",
                        List.of(56, 67),
                        "A snapshot brings back all who share a lock.",
                        "LockRecords",
                        "record.getHoldersList().forEach(",
                        "record.getHoldersList().subList(0, 1).forEach("),
                STATE_MACHINE.bug(
                        "snapshot loses revisions",
                        List.of(56),
                        "A snapshot brings back the revision of each value.",
                        "StateRestorer",
                        "record.getRevision(), record.getCreateRevision()",
                        "record.getCreateRevision(), record.getCreateRevision()"),
                STATE_MACHINE.bug(
                        "snapshot loses instances",
                        List.of(56, 78),
                        "A snapshot brings back the instances of services.",
                        "StateRestorer",
                        "case SERVICE -> state.services().restore(record.getService());",
                        "case SERVICE -> state.clock();"),
                STATE_MACHINE.bug(
                        "snapshot loses events",
                        List.of(56, 81),
                        "A snapshot brings back the events that a watch may still ask for.",
                        "StateRestorer",
                        "case EVENT -> state.history().add(record.getEvent());",
                        "case EVENT -> state.clock();"),
                CORE.bug(
                        "entries after the snapshot are compacted",
                        List.of(35),
                        "Only what a snapshot holds leaves the log.",
                        "RaftLog",
                        "long newFirst = Math.min(mayCompactBelow, metadata.index() + 1);",
                        "long newFirst = commitIndex + 1;"),
                CORE.bug(
                        "failed sending of a snapshot is final",
                        List.of(50, 54),
                        "A snapshot that did not arrive is sent again.",
                        "Progress",
                        "void snapshotFailed() {",
                        "void snapshotFailed() { if (snapshotIndex >= 0) { return; }"),
                CORE.bug(
                                "older snapshot replaces a newer state",
                                List.of(52),
                                "A snapshot of what is committed already changes nothing.",
                                "Follower",
                                "if (index <= server.log.commitIndex()) {",
                                "if (index < 0) {")
                        .and("if (metadata.index() > server.log.commitIndex()) {", "if (metadata.index() > 0) {"));
    }
}
