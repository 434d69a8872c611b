package io.balsa.simulation.planted;

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
                SESSION.bug(
                        "renewal is believed from the answer on",
                        List.of(68, 72),
                        "A client counts a renewal's time from before it asked.",
                        "LockGrant",
                        "return sentNanos + ttlNanos - ttlNanos / DRIFT_DIVISOR;",
                        "return sentNanos + ttlNanos + ttlNanos / 2;"));
    }
}
