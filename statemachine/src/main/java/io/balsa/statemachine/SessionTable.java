package io.balsa.statemachine;

import com.google.protobuf.ByteString;
import io.balsa.raft.core.Invariant;
import io.balsa.statemachine.proto.OpenSession;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Knows the sessions that are open, opens them, and puts off their end. */
final class SessionTable {
    private static final int NONCE_BYTES = 16;

    private final StateMachineLimits limits;
    private final Checks checks;
    private final ReplicatedClock clock;
    private final Deadlines deadlines;
    private final ByteBudget resultBudget;
    private final Map<Long, LiveSession> byId = new HashMap<>();
    private final Map<ByteString, LiveSession> byNonce = new HashMap<>();

    SessionTable(StateMachineLimits limits, ReplicatedClock clock, Deadlines deadlines) {
        this.limits = limits;
        this.checks = new Checks(limits);
        this.clock = clock;
        this.deadlines = deadlines;
        resultBudget = new ByteBudget(limits.maxResultBytes());
    }

    /** Opens a session whose id is the index of this entry; the nonce of an open one gives that one, for a retry. */
    LiveSession open(OpenSession command) throws Refused {
        checks.ttl(command.getTtlMillis());
        checks.nameOrEmpty("client_name", command.getClientName());
        if (command.getNonce().size() != NONCE_BYTES) {
            throw Refused.invalid("the nonce does not have " + NONCE_BYTES + " bytes");
        }
        LiveSession known = byNonce.get(command.getNonce());
        if (known != null) {
            keepAlive(known);
            return known;
        }
        if (byId.size() >= limits.maxSessions()) {
            throw Refused.limit("there are " + limits.maxSessions() + " sessions");
        }
        LiveSession session = new LiveSession(
                clock.index(), command.getTtlMillis(), command.getNonce(), command.getClientName(), resultBudget);
        add(session, clock.millis() + session.ttlMillis());
        return session;
    }

    /** Adds a session that was opened before, out of a snapshot; its results are yet to be added. */
    LiveSession restore(long id, long ttlMillis, long deadlineMillis, ByteString nonce, String clientName) {
        LiveSession session = new LiveSession(id, ttlMillis, nonce, clientName, resultBudget);
        add(session, deadlineMillis);
        return session;
    }

    private void add(LiveSession session, long deadlineMillis) {
        Invariant.check(byId.put(session.id(), session) == null, "a session id is used once");
        Invariant.check(byNonce.put(session.nonce(), session) == null, "open sessions have different nonces");
        deadlines.put(session, deadlineMillis);
    }

    /** The open session of this id, or null. */
    LiveSession find(long id) {
        return byId.get(id);
    }

    void keepAlive(LiveSession session) {
        deadlines.put(session, clock.millis() + session.ttlMillis());
    }

    void remove(LiveSession session) {
        Invariant.check(byId.remove(session.id(), session), "a session ends once");
        byNonce.remove(session.nonce());
        deadlines.remove(session);
        session.results().clear();
    }

    /** What the results of all sessions take. */
    ByteBudget resultBudget() {
        return resultBudget;
    }

    int size() {
        return byId.size();
    }

    /** All of them, in no order. */
    List<LiveSession> all() {
        return new ArrayList<>(byId.values());
    }
}
