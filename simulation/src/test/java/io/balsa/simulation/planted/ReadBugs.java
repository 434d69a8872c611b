package io.balsa.simulation.planted;

import static io.balsa.simulation.planted.Sources.CORE;
import static io.balsa.simulation.planted.Sources.NODE;

import java.util.List;

/** Bugs in what clients read and are told. */
final class ReadBugs {
    private ReadBugs() {}

    static List<PlantedBug> all() {
        return List.of(
                CORE.bug(
                        "reads before the term's first commit",
                        List.of(62),
                        "A new leader reads only when it has committed an entry of its term.",
                        "ReadIndexQueue",
                        "withoutRound > 0 && replication.hasCommittedInTerm()",
                        "withoutRound > 0"),
                NODE.bug(
                        "every read is local",
                        List.of(61),
                        "A linearizable read is not answered from what a server happens to have.",
                        "Admission",
                        "case LINEARIZABLE -> reads.admit(pending, leader);",
                        "case LINEARIZABLE -> reads.admit(pending, applier::serve);"),
                NODE.bug(
                        "lost office means not applied",
                        List.of(60),
                        "What a deposed leader had appended may still be committed.",
                        "PendingProposals",
                        "proposal.answer(new ClientResponse.Unknown(\"the leader lost its office before the command was"
                                + " committed\"));",
                        "proposal.answer(new ClientResponse.NotLeader(leader.get()));"),
                NODE.bug(
                                "answers are matched by index alone",
                                List.of(57, 60),
                                "A result belongs to the entry of the proposal's index and term.",
                                "PendingProposals",
                                "boolean gone = appended.term < term;",
                                "boolean gone = appended.term < 0;")
                        .and("return appended.term == term", "return appended.term > 0"),
                CORE.bug(
                        "reads are not confirmed",
                        List.of(61),
                        "A leader reads when a majority has confirmed that it still leads.",
                        "ReadIndexQueue",
                        "waiting.peekFirst().round <= confirmedRound",
                        "waiting.peekFirst().round < NO_ROUND"),
                CORE.bug(
                        "lease outlasts the handing over",
                        List.of(61, 64),
                        "Whoever asked another to campaign at once has no lease any more.",
                        "Replication",
                        "lease.giveUp();",
                        ""),
                CORE.bug(
                        "lease before the term's first commit",
                        List.of(62, 64),
                        "A new leader has no lease before it has committed an entry of its term.",
                        "Replication",
                        "return hasCommittedInTerm() && server.isVoter()",
                        "return server.isVoter()"),
                NODE.bug(
                        "what clients see of a lease has no end",
                        List.of(61, 64),
                        "A client that reads by the lease on its own thread looks at the clock itself.",
                        "ReadLease",
                        "known != null && clock.nanoTime() - known.untilNanos < 0",
                        "known != null"),
                NODE.bug(
                        "a read on a client's thread does not wait for its index",
                        List.of(61, 65),
                        "A read is served when its index is applied, on whichever thread.",
                        "Applier",
                        "if (read.atIndex() > lastApplied || !gate.tryEnter()) {",
                        "if (!gate.tryEnter()) {"));
    }
}
