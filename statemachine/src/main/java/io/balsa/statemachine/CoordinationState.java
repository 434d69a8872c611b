package io.balsa.statemachine;

/** Holds the whole replicated state, and ends what is due in all of its parts. */
final class CoordinationState {
    private final ReplicatedClock clock;
    private final Deadlines deadlines = new Deadlines();
    private final SessionTable sessions;
    private final LockTable locks;
    private final EventHistory history;
    private final ServiceRegistry services;
    private final KeyValueStore keyValues;
    private final CounterTable counters;
    private final BarrierTable barriers;

    CoordinationState(StateMachineLimits limits, ReplicatedClock clock, EventHistory history, ParkedReads parkedReads) {
        this.clock = clock;
        this.history = history;
        sessions = new SessionTable(limits, clock, deadlines);
        locks = new LockTable(limits, clock, deadlines, parkedReads);
        services = new ServiceRegistry(limits, clock, sessions, history, parkedReads);
        keyValues = new KeyValueStore(limits, clock);
        counters = new CounterTable(limits, clock, parkedReads);
        barriers = new BarrierTable(limits, clock, parkedReads);
    }

    /** The state before the first entry. */
    static CoordinationState empty(StateMachineLimits limits, ParkedReads parkedReads) {
        return new CoordinationState(limits, new ReplicatedClock(0, 0), new EventHistory(limits, 0), parkedReads);
    }

    /** Ends what is due at the clock's time, in the order of its deadlines. */
    void expireDue() {
        while (deadlines.isDue(clock.millis())) {
            Timed due = deadlines.removeFirst();
            switch (due.kind()) {
                case SESSION -> end((LiveSession) due);
                case LOCK -> locks.expire((Holding) due);
                case WAITER -> locks.expire((Waiter) due);
            }
        }
    }

    /** Ends a session with all that it holds. */
    void end(LiveSession session) {
        sessions.remove(session);
        locks.sessionEnded(session);
        services.sessionEnded(session);
        barriers.sessionEnded(session);
    }

    ReplicatedClock clock() {
        return clock;
    }

    Deadlines deadlines() {
        return deadlines;
    }

    SessionTable sessions() {
        return sessions;
    }

    LockTable locks() {
        return locks;
    }

    EventHistory history() {
        return history;
    }

    ServiceRegistry services() {
        return services;
    }

    KeyValueStore keyValues() {
        return keyValues;
    }

    CounterTable counters() {
        return counters;
    }

    BarrierTable barriers() {
        return barriers;
    }
}
