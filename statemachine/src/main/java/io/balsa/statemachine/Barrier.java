package io.balsa.statemachine;

import io.balsa.raft.core.Invariant;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** One barrier: who waits for how many to come, and who passed and does not know it yet, as far as the cluster can tell. */
final class Barrier {
    private record Handle(long session, long holder) implements Comparable<Handle> {
        private static final Comparator<Handle> BY_SESSION_AND_HOLDER =
                Comparator.comparingLong(Handle::session).thenComparing(Handle::holder, Long::compareUnsigned);

        @Override
        public int compareTo(Handle other) {
            return BY_SESSION_AND_HOLDER.compare(this, other);
        }
    }

    private final String name;
    private int parties;

    /** First come, first. */
    private final Map<Handle, Arrival> waiting = new LinkedHashMap<>();

    private final NavigableMap<Handle, Arrival> passed = new TreeMap<>();

    Barrier(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    /** How many must wait for all to pass; 0 while nobody waits. */
    int parties() {
        return parties;
    }

    int waitingCount() {
        return waiting.size();
    }

    /** In the order in which they came; a view. */
    Collection<Arrival> waiting() {
        return waiting.values();
    }

    /** By session and holder; a view. */
    Collection<Arrival> passed() {
        return passed.values();
    }

    boolean isEmpty() {
        return waiting.isEmpty() && passed.isEmpty();
    }

    /** The arrival of this handle, waiting or passed, or null. */
    Arrival find(long session, long holder) {
        Handle handle = new Handle(session, holder);
        Arrival arrival = waiting.get(handle);
        return arrival == null ? passed.get(handle) : arrival;
    }

    /**
     * Adds an arrival, which waits or, out of a snapshot, has passed.
     *
     * @param ofParties for one that waits: the same as that of the others
     */
    void add(Arrival arrival, int ofParties) {
        Handle handle = handleOf(arrival);
        Invariant.check(find(handle.session(), handle.holder()) == null, "a handle is at a barrier once");
        if (arrival.hasPassed()) {
            passed.put(handle, arrival);
            return;
        }
        Invariant.check(
                waiting.isEmpty() || parties == ofParties,
                "all who wait at a barrier wait for the same number of parties");
        parties = ofParties;
        waiting.put(handle, arrival);
    }

    void remove(Arrival arrival) {
        Map<Handle, Arrival> place = arrival.hasPassed() ? passed : waiting;
        Invariant.check(place.remove(handleOf(arrival), arrival), "an arrival leaves once");
        if (waiting.isEmpty()) {
            parties = 0;
        }
    }

    /** Lets all pass who wait. */
    List<Arrival> open(long generation) {
        List<Arrival> through = List.copyOf(waiting.values());
        waiting.clear();
        parties = 0;
        for (Arrival arrival : through) {
            arrival.pass(generation);
            passed.put(handleOf(arrival), arrival);
        }
        return through;
    }

    private static Handle handleOf(Arrival arrival) {
        return new Handle(arrival.session().id(), arrival.holder());
    }
}
