package io.balsa.simulation.planted;

import static io.balsa.simulation.planted.Sources.CLIENT;
import static io.balsa.simulation.planted.Sources.SESSION;

import java.util.List;

/** Bugs in what clients believe. */
final class SessionBugs {
    private SessionBugs() {}

    static List<PlantedBug> all() {
        return List.of(
                SESSION.bug(
                        "timeout is told as a failure",
                        List.of(60),
                        "When nobody knows whether a command was applied, the caller is told so.",
                        "Failures",
                        "new OutcomeUnknownException(what + \": nobody can tell",
                        "new NotAppliedException(what + \": nobody can tell"),
                CLIENT.bug(
                        "attempts without an answer are forgotten",
                        List.of(60),
                        "A command of which one attempt was not answered may have been applied.",
                        "Call",
                        "maybeApplied |= hasEffect();\n            remember(address, \"no answer for \"",
                        "remember(address, \"no answer for \""),
                SESSION.bug(
                        "lock is believed from the answer on",
                        List.of(68, 75),
                        "A client counts a lock's time from before it asked.",
                        "LockAcquisition",
                        "ttl, askedNanos);",
                        "ttl, session.runtime().nanoTime());"),
                SESSION.bug(
                        "renewal is believed from the answer on",
                        List.of(68, 72),
                        "A client counts a renewal's time from before it asked.",
                        "LockGrant",
                        "return sentNanos + ttlNanos - ttlNanos / DRIFT_DIVISOR;",
                        "return sentNanos + ttlNanos + ttlNanos / 2;"),
                SESSION.bug(
                        "lost lock is not noticed",
                        List.of(72, 75),
                        "Whoever renews too late is told that the lock is lost.",
                        "SessionLocks",
                        "case NOT_HOLDER -> Optional.empty();",
                        "case NOT_HOLDER -> Optional.of(new LockGrant(id, ttl, outcome.sentNanos()));"),
                SESSION.bug(
                        "whoever gives up at a barrier does not ask",
                        List.of(74),
                        "The cluster says whether a party left a barrier or passed before.",
                        "BarrierArrival",
                        "session.commands().settle(leaving(), sequence).whenComplete(this::left);",
                        "session.commands().abandon(sequence);\n"
                                + "        finish(() -> result.complete(OptionalLong.empty()));"));
    }
}
