package io.balsa.simulation;

import io.balsa.statemachine.session.LockGrant;
import io.balsa.statemachine.session.Session;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Knows which client believes to hold which lock: never two at a time. And keeps what the locks protect: registers that take
 * a write only with a token that is no older than the last one's.
 */
final class LockWatch {
    /** A client's belief in a lock; it ends by release, by the time on the client's clock, and with the session. */
    static final class Belief {
        private final ClientProcess process;
        private final Session session;
        private final long token;
        private long untilNanos;
        private boolean ended;

        private Belief(ClientProcess process, Session session, LockGrant grant) {
            this.process = process;
            this.session = session;
            this.token = grant.token();
            renewed(grant);
        }

        void renewed(LockGrant grant) {
            untilNanos = grant.validUntilNanos();
        }

        void end() {
            ended = true;
        }

        long token() {
            return token;
        }

        boolean isHeld() {
            return !ended
                    && !process.isGone()
                    && process.nanoTime() - untilNanos < 0
                    && !session.remaining().isZero();
        }

        @Override
        public String toString() {
            return process.name() + " with token " + token;
        }
    }

    private final WorkloadContext context;
    private final Map<String, List<Belief>> beliefs = new HashMap<>();
    private final Map<String, Set<Long>> tokens = new HashMap<>();
    private final Map<String, Long> registers = new HashMap<>();

    LockWatch(WorkloadContext context) {
        this.context = context;
    }

    /** A client was told that it holds a lock. */
    Belief granted(ClientProcess process, Session session, LockGrant grant) {
        String lock = grant.name();
        Belief belief = new Belief(process, session, grant);
        context.require(
                tokens.computeIfAbsent(lock, name -> new HashSet<>()).add(grant.token()),
                "token-unique",
                () -> "token %d of %s was given twice, now to %s".formatted(grant.token(), lock, process.name()));
        List<Belief> others = beliefs.computeIfAbsent(lock, name -> new ArrayList<>());
        others.removeIf(other -> !other.isHeld());
        if (belief.isHeld()) {
            context.require(others.isEmpty(), "lock-exclusion", () -> "%s is held by %s and %s"
                    .formatted(lock, others, belief));
            others.add(belief);
        }
        return belief;
    }

    /** A client's write reaches what a lock protects. */
    void write(String lock, Belief belief) {
        long last = registers.getOrDefault(lock, 0L);
        if (belief.token >= last) {
            registers.put(lock, belief.token);
            return;
        }
        context.require(!belief.isHeld(), "fencing", () -> "%s holds %s, but a write with token %d came before"
                .formatted(belief, lock, last));
    }
}
