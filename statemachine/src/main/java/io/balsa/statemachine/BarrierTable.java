package io.balsa.statemachine;

import io.balsa.raft.core.Invariant;
import io.balsa.statemachine.proto.ArriveAtBarrier;
import io.balsa.statemachine.proto.BarrierLeft;
import io.balsa.statemachine.proto.LeaveBarrier;
import io.balsa.statemachine.proto.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides who waits at which barrier, and when all pass.
 *
 * <p>Only an arrival opens a barrier, so one entry opens at most one, and the index of that entry names the generation. Who
 * leaves, or whose session ends, counts no more; those who wait go on waiting for another in its place.
 */
final class BarrierTable {
    private final StateMachineLimits limits;
    private final Checks checks;
    private final ReplicatedClock clock;
    private final ParkedReads parkedReads;
    private final Map<String, Barrier> byName = new HashMap<>();
    private int arrivalCount;

    BarrierTable(StateMachineLimits limits, ReplicatedClock clock, ParkedReads parkedReads) {
        this.limits = limits;
        this.checks = new Checks(limits);
        this.clock = clock;
        this.parkedReads = parkedReads;
    }

    Result arrive(LiveSession session, ArriveAtBarrier command) throws Refused {
        checks.name("the barrier's name", command.getName());
        int parties = command.getParties();
        if (parties < 1 || parties > limits.maxBarrierParties()) {
            throw Refused.invalid("parties is not from 1 to " + limits.maxBarrierParties());
        }
        Barrier barrier = byName.get(command.getName());
        if (barrier != null && barrier.waitingCount() > 0 && barrier.parties() != parties) {
            throw Refused.invalid("the barrier waits for " + barrier.parties() + " parties, not " + parties + ", and "
                    + barrier.waitingCount() + " of them are there");
        }
        Arrival before = barrier == null ? null : barrier.find(session.id(), command.getHolder());
        if (before != null && !before.hasPassed()) {
            return Results.arrived(barrier.waitingCount());
        }
        if (before != null) {
            // Whoever comes again knows that it passed. What is added next takes its room, so nothing refuses it.
            remove(before);
        }
        return add(session, command);
    }

    private Result add(LiveSession session, ArriveAtBarrier command) throws Refused {
        Barrier barrier = byName.get(command.getName());
        if (arrivalCount >= limits.maxBarrierArrivals()) {
            throw Refused.limit("there are " + limits.maxBarrierArrivals() + " arrivals at barriers");
        }
        if (barrier == null) {
            if (byName.size() >= limits.maxBarriers()) {
                throw Refused.limit("there are " + limits.maxBarriers() + " barriers");
            }
            barrier = new Barrier(command.getName());
            byName.put(barrier.name(), barrier);
        }
        add(new Arrival(barrier, session, command.getHolder()), command.getParties());
        if (barrier.waitingCount() < command.getParties()) {
            return Results.arrived(barrier.waitingCount());
        }
        barrier.open(clock.index()).forEach(this::wake);
        return Results.passed(clock.index());
    }

    Result leave(LiveSession session, LeaveBarrier command) throws Refused {
        checks.name("the barrier's name", command.getName());
        Barrier barrier = byName.get(command.getName());
        Arrival arrival = barrier == null ? null : barrier.find(session.id(), command.getHolder());
        if (arrival == null) {
            return Results.left(BarrierLeft.Kind.NOT_THERE, 0);
        }
        remove(arrival);
        return arrival.hasPassed()
                ? Results.left(BarrierLeft.Kind.PASSED, arrival.generation())
                : Results.left(BarrierLeft.Kind.LEFT, 0);
    }

    /** Its arrivals do not count any more. */
    void sessionEnded(LiveSession session) {
        session.arrivals().forEach(this::remove);
    }

    private void add(Arrival arrival, int parties) {
        arrival.barrier().add(arrival, parties);
        arrival.session().add(arrival);
        arrivalCount++;
    }

    private void remove(Arrival arrival) {
        Barrier barrier = arrival.barrier();
        barrier.remove(arrival);
        arrival.session().remove(arrival);
        arrivalCount--;
        if (barrier.isEmpty()) {
            byName.remove(barrier.name(), barrier);
        }
        wake(arrival);
    }

    private void wake(Arrival arrival) {
        parkedReads.wake(new ParkedReads.BarrierTopic(
                arrival.barrier().name(), arrival.session().id(), arrival.holder()));
    }

    /** Adds a barrier with its arrivals, out of a snapshot. */
    void restore(Barrier barrier, List<Arrival> arrivals, int parties) {
        Invariant.check(byName.put(barrier.name(), barrier) == null, "a barrier's name is used once");
        arrivals.forEach(arrival -> add(arrival, parties));
        Invariant.check(!barrier.isEmpty(), "somebody is at a barrier");
        Invariant.check(
                barrier.waitingCount() == 0 ? parties == 0 : barrier.waitingCount() < parties,
                "a barrier waits for more than are there");
    }

    /** The barrier of this name, or null when nobody is there. */
    Barrier find(String name) {
        return byName.get(name);
    }

    /** All of them, in no order. */
    List<Barrier> all() {
        return new ArrayList<>(byName.values());
    }

    int size() {
        return byName.size();
    }

    int arrivalCount() {
        return arrivalCount;
    }
}
