package io.balsa.simulation.planted;

import static io.balsa.simulation.planted.Sources.CORE;
import static io.balsa.simulation.planted.Sources.NODE;

import java.util.List;

/** Bugs in how leaders are elected, and in what an election promises. */
final class ElectionBugs {
    private ElectionBugs() {}

    static List<PlantedBug> all() {
        return List.of(
                CORE.bug(
                        "vote leaves before it is durable",
                        List.of(3),
                        "A granted vote leaves only when it is on the disk.",
                        "Outbox",
                        "if (message instanceof Message.AppendEntries && !hardStateChanged) {",
                        "if (message instanceof Message.RequestVoteResponse"
                                + " || message instanceof Message.AppendEntries && !hardStateChanged) {"),
                CORE.bug(
                        "candidacy leaves before it is durable",
                        List.of(3),
                        "A candidate asks for votes only when its term and its vote for itself are on the disk.",
                        "Outbox",
                        "if (message instanceof Message.AppendEntries && !hardStateChanged) {",
                        "if (message instanceof Message.RequestVote"
                                + " || message instanceof Message.AppendEntries && !hardStateChanged) {"),
                NODE.bug(
                                "driver sends before it saves",
                                List.of(3),
                                "The driver saves the hard state before it sends what depends on it.",
                                "RaftDriver",
                                "ready.hardState().ifPresent(hardStates::save);",
                                "send(ready.messagesAfterHardState());")
                        .and("send(ready.messagesAfterHardState());", "ready.hardState().ifPresent(hardStates::save);"),
                NODE.bug(
                        "hard state is never saved",
                        List.of(3),
                        "A server knows its term and vote again after a crash.",
                        "RaftDriver",
                        "ready.hardState().ifPresent(hardStates::save);",
                        ""),
                CORE.bug(
                        "change of role forgets the vote",
                        List.of(2),
                        "A vote holds for the whole term, whatever role its server takes in it.",
                        "ServerState",
                        "role = newRole;",
                        "role = newRole; if (newRole != Role.CANDIDATE) { votedFor = Optional.empty(); }"),
                CORE.bug(
                        "two votes in a term",
                        List.of(1),
                        "A server votes for one candidate in a term.",
                        "Election",
                        "boolean granted = mayVote && server.log",
                        "boolean granted = server.log"),
                CORE.bug(
                                "two unnoticed votes in a term",
                                List.of(1, 2),
                                "A vote that was given is not replaced by another in its term.",
                                "ServerState",
                                "votedFor.isEmpty() || votedFor.get().equals(candidate),",
                                "term > 0,")
                        .and("if (votedFor.isEmpty()) {", "if (!votedFor.equals(Optional.of(candidate))) {")
                        .and("return votedFor;", "return Optional.empty();"),
                CORE.bug(
                        "candidate does not vote for itself",
                        List.of(1, 2),
                        "A candidate's own vote is a vote like any other: it has no second one.",
                        "Election",
                        "server.voteFor(server.self);",
                        ""),
                CORE.bug(
                        "any log is up to date",
                        List.of(14, 15),
                        "A voter refuses a candidate whose log lacks what its own has.",
                        "RaftLog",
                        "return otherLastTerm > lastTerm || (otherLastTerm == lastTerm && otherLastIndex >= lastIndex());",
                        "return true;"),
                CORE.bug(
                        "pre-votes count as votes",
                        List.of(4, 8),
                        "Whoever said that it would vote has not voted yet.",
                        "Election",
                        "votes.clear();\n        restartTimeout();\n        server.enterTerm(server.term() + 1);",
                        "restartTimeout();\n        server.enterTerm(server.term() + 1);"),
                CORE.bug(
                        "half is a majority",
                        List.of(1, 43),
                        "A majority is more than half.",
                        "Quorum",
                        "return voters / 2 + 1;",
                        "return (voters + 1) / 2;"),
                CORE.bug(
                        "pre-vote raises terms",
                        List.of(4, 7),
                        "Asking whether others would vote changes no term.",
                        "RaftCore",
                        "if (message instanceof Message.PreVote preVote) {\n            election.answer(preVote);"
                                + " // Asks about a term that does not exist yet.",
                        "if (message instanceof Message.PreVote preVote && preVote.term() < 0) {"),
                CORE.bug(
                        "longer log wins",
                        List.of(14, 15),
                        "Of two logs, the one of the later term is more up to date, however long the other is.",
                        "RaftLog",
                        "return otherLastTerm > lastTerm || (otherLastTerm == lastTerm && otherLastIndex >= lastIndex());",
                        "return otherLastIndex >= lastIndex();"));
    }
}
