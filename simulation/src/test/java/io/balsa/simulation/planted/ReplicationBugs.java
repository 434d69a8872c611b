package io.balsa.simulation.planted;

import static io.balsa.simulation.planted.Sources.CORE;
import static io.balsa.simulation.planted.Sources.NODE;

import java.util.List;

/** Bugs in how entries get into logs, onto disks and into effect. */
final class ReplicationBugs {
    private ReplicationBugs() {}

    static List<PlantedBug> all() {
        return List.of(
                CORE.bug(
                        "leader counts itself before its sync",
                        List.of(19),
                        "A leader counts itself only as far as its own disk is.",
                        "Replication",
                        "long index = reachedByMajority(server.log.persistedIndex(), Reached.MATCH_INDEX);",
                        "long index = reachedByMajority(server.log.lastIndex(), Reached.MATCH_INDEX);"),
                CORE.bug(
                        "what was sent counts as stored",
                        List.of(19, 27),
                        "An entry counts for a follower when that has acknowledged it.",
                        "Progress",
                        "inflights.add(lastIndex, bytes);",
                        "inflights.add(lastIndex, bytes); matchIndex = lastIndex;"),
                CORE.bug(
                        "follower acknowledges before its sync",
                        List.of(19, 27),
                        "A follower acknowledges what is durable.",
                        "Follower",
                        "long matchIndex = Math.min(verifiedIndex, server.log.persistedIndex());",
                        "long matchIndex = verifiedIndex;"),
                NODE.bug(
                        "writer reports without a sync",
                        List.of(27),
                        "What is reported as durable was synced.",
                        "LogWriter",
                        "log.sync();",
                        ""),
                NODE.bug(
                        "failed sync is ignored",
                        List.of(28),
                        "After a failed sync nothing is acknowledged any more.",
                        "LogWriter",
                        "log.sync();",
                        "try { log.sync(); } catch (RuntimeException failed) { driver.signal(); }"),
                CORE.bug(
                        "every append truncates",
                        List.of(17),
                        "An entry that is there already stays, and so does what follows it.",
                        "Follower",
                        "if (!log.contains(entry.index(), entry.term())) {",
                        "if (entry.index() > log.commitIndex()) {"),
                CORE.bug(
                        "conflicting entries stay",
                        List.of(14, 16),
                        "An entry of another term at the same index is replaced by the leader's.",
                        "Follower",
                        "if (!log.contains(entry.index(), entry.term())) {",
                        "if (entry.index() > log.lastIndex()) {"),
                CORE.bug(
                        "previous entry is not compared",
                        List.of(14, 16),
                        "Entries are taken only after an entry of the same index and term as in the leader's log.",
                        "Follower",
                        "if (!log.contains(request.prevLogIndex(), request.prevLogTerm())) {",
                        "if (request.prevLogIndex() > log.lastIndex()) {"),
                CORE.bug(
                        "truncated entries stay durable",
                        List.of(16, 18),
                        "What replaces truncated entries is not durable because those were.",
                        "RaftLog",
                        "persistedIndex = Math.min(persistedIndex, index - 1);",
                        ""),
                CORE.bug(
                        "unverified tail is acknowledged",
                        List.of(14, 17),
                        "A follower acknowledges only what it compared with this leader's log.",
                        "Follower",
                        "verifiedIndex, request.prevLogIndex() + request.entries().size());",
                        "verifiedIndex, log.lastIndex());"),
                CORE.bug(
                        "unverified tail is committed",
                        List.of(14),
                        "A follower commits no further than it compared its log with the leader's.",
                        "Follower",
                        "Math.min(request.leaderCommit(), verifiedIndex)",
                        "Math.min(request.leaderCommit(), log.lastIndex())"),
                CORE.bug(
                        "comparison with an earlier leader holds",
                        List.of(14, 17),
                        "A log that agreed with an earlier leader's may differ from this one's.",
                        "Follower",
                        "verifiedIndex = 0;",
                        ""),
                CORE.bug(
                        "what is not committed is applied",
                        List.of(14, 27),
                        "Only committed entries reach the state machine.",
                        "RaftLog",
                        "entries(givenOutIndex + 1, commitIndex, maxCachedBytes - givenOutBytes)",
                        "entries(givenOutIndex + 1, lastIndex(), maxCachedBytes - givenOutBytes)"),
                CORE.bug(
                        "probe never ends",
                        List.of(22),
                        "An answer ends probing.",
                        "Progress",
                        "if (mode != Mode.SNAPSHOT) {",
                        "if (mode == Mode.REPLICATE) {"),
                CORE.bug(
                        "no step back after a refusal",
                        List.of(14, 21),
                        "After a refusal the leader tries further back.",
                        "Progress",
                        "case PROBE -> prevLogIndex == nextIndex - 1;",
                        "case PROBE -> false;"),
                CORE.bug(
                        "window is never freed",
                        List.of(23),
                        "An acknowledgement makes room for further messages.",
                        "Progress",
                        "inflights.acknowledged(matchIndex);",
                        ""),
                CORE.bug(
                        "gap in the pipeline is ignored",
                        List.of(22, 23),
                        "When a message of a pipeline was lost, the leader goes back to it.",
                        "Progress",
                        "case REPLICATE -> prevLogIndex > matchIndex;",
                        "case REPLICATE -> false;"),
                CORE.bug(
                        "older terms are committed by counting",
                        List.of(15),
                        "A leader counts only for entries of its own term (figure 8 of the paper).",
                        "Replication",
                        "if (index > server.log.commitIndex() && server.log.termAt(index) == server.term()) {",
                        "if (index > server.log.commitIndex()) {"));
    }
}
