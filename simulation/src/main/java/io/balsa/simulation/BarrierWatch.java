package io.balsa.simulation;

import io.balsa.raft.core.LogEntry;
import io.balsa.statemachine.proto.ArriveAtBarrier;
import io.balsa.statemachine.proto.BarrierArrived;
import io.balsa.statemachine.proto.BarrierLeft;
import io.balsa.statemachine.proto.Command;
import io.balsa.statemachine.proto.LeaveBarrier;
import io.balsa.statemachine.proto.Result;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongPredicate;

/**
 * Reckons from the log alone who waits at which barrier and who passed when, and holds the group and what clients are told to
 * it: nobody passes before as many wait as there are parties, all of a generation pass in one entry, and whoever left or died
 * was none of them.
 */
final class BarrierWatch {
    private static final String INVARIANT = "barrier";

    private record Handle(long session, long holder) {}

    private static final class Place {
        private final Set<Handle> waiting = new HashSet<>();
        private final Map<Handle, Long> passed = new HashMap<>();

        /** Who passed, by generation. */
        private final NavigableMap<Long, Set<Handle>> generations = new TreeMap<>();
    }

    /** What a client began, as far as it knows: an arrival of its session at a barrier, when the log was so long. */
    record Ticket(String barrier, long session, long afterIndex) {}

    private final WorkloadContext context;
    private final Map<String, Place> places = new HashMap<>();
    private long appliedIndex;

    BarrierWatch(WorkloadContext context) {
        this.context = context;
    }

    /** An entry was applied, and what came of its command is yet to be told: who has died until then waits no more. */
    void pass(LogEntry entry, LongPredicate lives) {
        appliedIndex = entry.index();
        endSessions(lives);
    }

    void endSessions(LongPredicate lives) {
        for (Place place : places.values()) {
            place.waiting.removeIf(handle -> !lives.test(handle.session()));
            place.passed.keySet().removeIf(handle -> !lives.test(handle.session()));
        }
    }

    /** A command was executed, for the first time if it came more than once. */
    void executed(LogEntry entry, Command command, Result result) {
        if (result.hasBarrierArrived()) {
            arrived(entry, command.getSession(), command.getArriveAtBarrier(), result.getBarrierArrived());
        } else if (result.hasBarrierLeft()) {
            left(entry, command.getSession(), command.getLeaveBarrier(), result.getBarrierLeft());
        }
    }

    private void arrived(LogEntry entry, long session, ArriveAtBarrier command, BarrierArrived result) {
        Place place = places.computeIfAbsent(command.getName(), name -> new Place());
        Handle handle = new Handle(session, command.getHolder());
        place.passed.remove(handle);
        place.waiting.add(handle);
        int there = place.waiting.size();
        boolean complete = there == command.getParties();
        context.require(
                result.getPassed() == complete && result.getGeneration() == (complete ? entry.index() : 0),
                INVARIANT,
                () -> "entry %d makes %d of %d parties at %s, and has the result %s"
                        .formatted(entry.index(), there, command.getParties(), command.getName(), result));
        if (complete) {
            place.generations.put(entry.index(), Set.copyOf(place.waiting));
            place.waiting.forEach(each -> place.passed.put(each, entry.index()));
            place.waiting.clear();
        }
    }

    private void left(LogEntry entry, long session, LeaveBarrier command, BarrierLeft result) {
        Place place = places.computeIfAbsent(command.getName(), name -> new Place());
        Handle handle = new Handle(session, command.getHolder());
        Long generation = place.passed.remove(handle);
        boolean waited = place.waiting.remove(handle);
        BarrierLeft.Kind right = waited
                ? BarrierLeft.Kind.LEFT
                : generation != null ? BarrierLeft.Kind.PASSED : BarrierLeft.Kind.NOT_THERE;
        context.require(
                result.getKind() == right && result.getGeneration() == (generation == null ? 0 : generation),
                INVARIANT,
                () -> "in entry %d, %s leaves %s, and has the result %s rather than %s"
                        .formatted(entry.index(), handle, command.getName(), result, right));
    }

    /** A client is about to arrive; its session is at this barrier once at a time. */
    Ticket arriving(String barrier, long session) {
        return new Ticket(barrier, session, appliedIndex);
    }

    /** A client was told that it passed. */
    void toldPassed(Ticket ticket, long generation) {
        Set<Handle> together = place(ticket).generations.getOrDefault(generation, Set.of());
        context.require(
                generation > ticket.afterIndex() && isAmong(together, ticket),
                INVARIANT,
                () -> "%s was told that it passed in entry %d, in which did %s"
                        .formatted(ticket, generation, together));
    }

    /** A client was told that it does not count any more. */
    void toldLeft(Ticket ticket) {
        Place place = place(ticket);
        context.require(!isAmong(place.waiting, ticket), INVARIANT, () -> "%s was told that it left, and waits"
                .formatted(ticket));
        place.generations
                .tailMap(ticket.afterIndex(), false)
                .forEach((generation, together) -> context.require(
                        !isAmong(together, ticket), INVARIANT, () -> "%s was told that it left, and passed in entry %d"
                                .formatted(ticket, generation)));
    }

    private Place place(Ticket ticket) {
        return places.computeIfAbsent(ticket.barrier(), name -> new Place());
    }

    private static boolean isAmong(Set<Handle> handles, Ticket ticket) {
        return handles.stream().anyMatch(handle -> handle.session() == ticket.session());
    }
}
