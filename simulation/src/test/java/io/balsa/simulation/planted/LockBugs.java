package io.balsa.simulation.planted;

import static io.balsa.simulation.planted.Sources.SESSION;
import static io.balsa.simulation.planted.Sources.STATE_MACHINE;

import java.util.List;

/** Bugs in how those who share locks get on with each other and with those who wait. */
final class LockBugs {
    private LockBugs() {}

    static List<PlantedBug> all() {
        return List.of(
                STATE_MACHINE.bug(
                        "reader overtakes a waiting writer",
                        List.of(74),
                        "Nobody is granted a lock while somebody waits who came before.",
                        "LockTable",
                        "if (lock.waiterCount() == 0 && lock.admits(claim)) {",
                        "if (lock.admits(claim)) {"),
                STATE_MACHINE
                        .bug(
                                "reader comes in beside a writer",
                                List.of(74),
                                "A writer is alone.",
                                "NamedLock",
                                "case LOCK_MODE_SHARED -> mode == LockMode.LOCK_MODE_SHARED;",
                                "case LOCK_MODE_SHARED -> true;")
                        .and(
                                "Invariant.check(alone || (newMode == mode && newMode != LockMode.LOCK_MODE_EXCLUSIVE), \"a writer is alone\");",
                                ""),
                STATE_MACHINE
                        .bug(
                                "more permits than there are",
                                List.of(74),
                                "No more permits are taken than the semaphore has.",
                                "NamedLock",
                                "permits + claim.permits() <= capacity;",
                                "permits < capacity;")
                        .and(
                                "Invariant.check(permits <= capacity, \"there are no more permits than the semaphore has\");",
                                ""),
                STATE_MACHINE.bug(
                        "permits outlive their session",
                        List.of(75),
                        "A session's permits come back when it ends.",
                        "LockTable",
                        "session.holdings().forEach(this::free);",
                        "session.holdings().stream().filter(held -> held.permits() == 0).forEach(this::free);"),
                STATE_MACHINE.bug(
                        "waiter behind a dead writer is stranded",
                        List.of(69, 74, 76),
                        "Whoever dies or gives up waiting stands in nobody's way.",
                        "LockTable",
                        "left.add(waiter.lock());",
                        ""),
                STATE_MACHINE.bug(
                        "one reader is let in at a time",
                        List.of(74, 76),
                        "When a writer leaves, all readers whose turn it is come in.",
                        "LockTable",
                        "grant(lock, waiter.id(), waiter.claim(), waiter.count(), waiter.ttlMillis());",
                        "grant(lock, waiter.id(), waiter.claim(), waiter.count(), waiter.ttlMillis()); return;"),
                SESSION.bug(
                        "lock watch goes back",
                        List.of(81),
                        "A watch over a lock never tells of holders that are older than those it told of.",
                        "LockWatchLoop",
                        "index = Math.max(index, state.getIndex());",
                        "index = 0;"));
    }
}
