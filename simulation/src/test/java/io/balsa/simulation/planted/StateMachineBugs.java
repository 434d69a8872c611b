package io.balsa.simulation.planted;

import static io.balsa.simulation.planted.Sources.CORE;
import static io.balsa.simulation.planted.Sources.STATE_MACHINE;

import java.util.List;

/** Bugs in what is replicated: time, sessions, locks, services and values. */
final class StateMachineBugs {
    private StateMachineBugs() {}

    static List<PlantedBug> all() {
        return List.of(
                STATE_MACHINE
                        .bug(
                                "no filter of duplicates",
                                List.of(57),
                                "A command that comes again has no other effect and the same result.",
                                "DuplicateTable",
                                "return results.get(sequence);",
                                "return null;")
                        .and(
                                "Invariant.check(results.put(sequence, result) == null, \"a command has one result\");",
                                "results.put(sequence, result);"),
                STATE_MACHINE
                        .bug(
                                "results are forgotten too early",
                                List.of(57, 59),
                                "A result is kept until the client says that it has it.",
                                "DuplicateTable",
                                "if (newlyAcknowledged <= results.size()) {",
                                "if (newlyAcknowledged < 0) {")
                        .and("entry.getKey() <= sequence;", "entry.getKey() > 0;"),
                STATE_MACHINE.bug(
                        "opening is not repeatable",
                        List.of(57),
                        "A session that is opened again by a retry is the same session.",
                        "SessionTable",
                        "if (known != null) {",
                        "if (known != null && known.id() < 0) {"),
                STATE_MACHINE.bug(
                        "commands do not keep a session alive",
                        List.of(75),
                        "A session lives for its whole time after the last command that was applied.",
                        "SessionTable",
                        "void keepAlive(LiveSession session) {",
                        "void keepAlive(LiveSession session) { if (session.id() > 0) { return; }"),
                STATE_MACHINE.bug(
                        "tokens begin anew",
                        List.of(67),
                        "A lock's token grows even when the lock was gone in between.",
                        "LockTable",
                        "new Holding(id, lock, claim, count, clock.index(), clock.millis());",
                        "new Holding(id, lock, claim, count, clock.index() - lock.id() + 1, clock.millis());"),
                STATE_MACHINE
                        .bug(
                                "token stays the same",
                                List.of(67, 68),
                                "Each grant of a lock has a token of its own.",
                                "Holding",
                                "return token;",
                                "return id();")
                        .andIn(
                                STATE_MACHINE,
                                "NamedLock",
                                "holding.token() > lastToken || (!alone && holding.token() == lastToken),",
                                "holding.token() > 0,"),
                STATE_MACHINE.bug(
                        "anybody may release",
                        List.of(73),
                        "Only the holder releases or renews a lock, and only the holding that it means.",
                        "NamedLock",
                        "return holding != null && holding.token() == token ? holding : null;",
                        "return isHeld() ? firstHolding() : null;"),
                STATE_MACHINE.bug(
                        "old tokens release",
                        List.of(73),
                        "A late release of an earlier holding does not touch the present one.",
                        "LockTable",
                        "Result release(LiveSession session, ReleaseLock command) throws Refused {",
                        "Result release(LiveSession session, ReleaseLock command) throws Refused {"
                                + " if (byName.containsKey(command.getName()) && byName.get(command.getName()).isHeld()) {"
                                + " return leaveOnce(byName.get(command.getName()).firstHolding()); }"),
                STATE_MACHINE.bug(
                        "locks end early",
                        List.of(71),
                        "A lock ends not before its time.",
                        "LockTable",
                        "adopt(holding, clock.millis() + ttlMillis);",
                        "adopt(holding, clock.millis() + ttlMillis / 2);"),
                STATE_MACHINE.bug(
                        "renewal changes nothing",
                        List.of(72),
                        "A lock that was renewed lasts from then.",
                        "LockTable",
                        "Math.max(holding.deadlineMillis(), clock.millis() + ttlMillis)",
                        "holding.deadlineMillis()"),
                STATE_MACHINE.bug(
                        "servers differ in their deadlines",
                        List.of(26, 70),
                        "Everything ends at the same entry on every server.",
                        "LockTable",
                        "adopt(holding, clock.millis() + ttlMillis);",
                        "adopt(holding, clock.millis() + ttlMillis + (System.identityHashCode(this) & 15));"),
                CORE.bug(
                        "time jumps at a failover",
                        List.of(10, 71),
                        "A new leader's clock goes on from the last stamp.",
                        "ReplicatedClock",
                        "stampAtStart = lastStampMillis;",
                        "stampAtStart = lastStampMillis + 3_000;"),
                CORE.bug(
                        "leader stamps its own time",
                        List.of(10, 26),
                        "Stamps never go backwards, whoever leads.",
                        "ReplicatedClock",
                        "return stampAtStart + (nowMillis - nowAtStart);",
                        "return nowMillis;"),
                STATE_MACHINE.bug(
                        "instances outlive their session",
                        List.of(77),
                        "Instances vanish with their session.",
                        "CoordinationState",
                        "services.sessionEnded(session);",
                        ""),
                STATE_MACHINE.bug(
                        "expiry is not told",
                        List.of(81, 82),
                        "A watch is told of every instance that vanishes.",
                        "ServiceRegistry",
                        "tell(ServiceEvent.Kind.EXPIRED, registered);",
                        ""),
                STATE_MACHINE.bug(
                        "watch skips an index",
                        List.of(81),
                        "A watch is told of every change.",
                        "QueryExecutor",
                        "ServiceEvents.newBuilder().setThroughIndex(state.clock().index());",
                        "ServiceEvents.newBuilder().setThroughIndex(state.clock().index() + 2);"),
                STATE_MACHINE.bug(
                        "late deregistration hits the successor",
                        List.of(79),
                        "A session's end takes away only what is registered under it.",
                        "ServiceRegistry",
                        "session.remove(key);",
                        ""),
                STATE_MACHINE.bug(
                        "sessions never end",
                        List.of(58, 77),
                        "A session ends when its time is over.",
                        "CoordinationState",
                        "case SESSION -> end((LiveSession) due);",
                        "case SESSION -> clock.index();"),
                STATE_MACHINE.bug(
                        "ended session goes on",
                        List.of(58, 75),
                        "No command of a session that has ended is executed.",
                        "SessionTable",
                        "Invariant.check(byId.remove(session.id(), session), \"a session ends once\");\n        byNonce.remove(session.nonce());",
                        ""),
                STATE_MACHINE.bug(
                        "locks outlive their session",
                        List.of(75),
                        "A session's locks are free when it ends.",
                        "LockTable",
                        "session.holdings().forEach(this::free);",
                        ""),
                STATE_MACHINE.bug(
                        "waiters outlive their session",
                        List.of(69, 74),
                        "Nobody waits for a lock any more whose session has ended.",
                        "LockTable",
                        "session.waiters().forEach(this::giveUp);",
                        ""),
                STATE_MACHINE.bug(
                        "watch repeats events",
                        List.of(81),
                        "A watch tells each change once.",
                        "EventHistory",
                        "return byIndex.tailMap(index, false).values();",
                        "return byIndex.tailMap(index, true).values();"),
                STATE_MACHINE.bug(
                        "counter is taken below its floor",
                        List.of(),
                        "A counter that would be below the floor of an addition stays as it is.",
                        "CounterTable",
                        "sum < change.getFloor()",
                        "sum < change.getFloor() - 1"),
                STATE_MACHINE.bug(
                        "latches and atomic longs are mixed up",
                        List.of(),
                        "Each kind of counter has names of its own.",
                        "CounterTable",
                        "return new CounterKey(kind, name);",
                        "return new CounterKey(CounterKind.COUNTER_KIND_LATCH, name);"),
                STATE_MACHINE.bug(
                        "barrier opens before the last one is there",
                        List.of(),
                        "Nobody passes a barrier before as many wait as there are parties.",
                        "BarrierTable",
                        "if (barrier.waitingCount() < command.getParties()) {",
                        "if (barrier.waitingCount() < Math.max(2, command.getParties() - 1)) {"),
                STATE_MACHINE.bug(
                        "the dead count at a barrier",
                        List.of(69),
                        "Whose session has ended does not count at a barrier any more.",
                        "CoordinationState",
                        "barriers.sessionEnded(session);",
                        ""));
    }
}
