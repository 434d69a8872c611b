package io.balsa.simulation;

import io.balsa.statemachine.session.LockGrant;
import io.balsa.statemachine.session.LockMode;
import io.balsa.statemachine.session.LockRequest;
import io.balsa.statemachine.session.Session;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Knows which client believes to hold which lock: never a writer beside anybody, never more permits than there are. And keeps
 * what the locks protect: registers that take a write only with a token that is no older than that of any access before, and a
 * read only with one that is no older than the last write's.
 */
final class LockWatch {
    /** A client's belief in a lock; it ends by release, by the time on the client's clock, and with the session. */
    static final class Belief {
        private final ClientProcess process;
        private final Session session;
        private final LockRequest request;
        private final long token;
        private long untilNanos;
        private boolean ended;

        private Belief(ClientProcess process, Session session, LockRequest request, LockGrant grant) {
            this.process = process;
            this.session = session;
            this.request = request;
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

        private boolean isExclusive() {
            return request.mode() == LockMode.EXCLUSIVE;
        }

        boolean isHeld() {
            return !ended
                    && !process.isGone()
                    && process.nanoTime() - untilNanos < 0
                    && !session.remaining().isZero();
        }

        @Override
        public String toString() {
            return process.name() + " " + request.mode() + " with token " + token;
        }
    }

    /** What a lock protects, as far as it remembers who came. */
    private static final class Register {
        private long lastWrite;
        private long lastAccess;
    }

    private final WorkloadContext context;
    private final Map<String, List<Belief>> beliefs = new HashMap<>();
    private final Map<String, Set<Long>> tokens = new HashMap<>();
    private final Map<String, Set<Long>> exclusiveTokens = new HashMap<>();
    private final Map<String, Register> registers = new HashMap<>();
    private long refused;

    LockWatch(WorkloadContext context) {
        this.context = context;
    }

    /** How many accesses were refused because of their old token. */
    long refused() {
        return refused;
    }

    /** A client was told that it holds a lock. */
    Belief granted(ClientProcess process, Session session, LockRequest request, LockGrant grant) {
        String lock = grant.name();
        Belief belief = new Belief(process, session, request, grant);
        checkToken(lock, belief);
        List<Belief> others = beliefs.computeIfAbsent(lock, name -> new ArrayList<>());
        others.removeIf(other -> !other.isHeld());
        if (belief.isHeld()) {
            context.require(getOn(belief, others), "lock-exclusion", () -> "%s is held by %s and %s"
                    .formatted(lock, others, belief));
            others.add(belief);
        }
        return belief;
    }

    /** A writer's token is its own; those who share a lock may share a token. */
    private void checkToken(String lock, Belief belief) {
        Set<Long> all = tokens.computeIfAbsent(lock, name -> new HashSet<>());
        Set<Long> exclusive = exclusiveTokens.computeIfAbsent(lock, name -> new HashSet<>());
        boolean isNew = belief.isExclusive()
                ? all.add(belief.token) && exclusive.add(belief.token)
                : !exclusive.contains(belief.token);
        all.add(belief.token);
        context.require(isNew, "token-unique", () -> "token %d of %s was given twice, now to %s"
                .formatted(belief.token, lock, belief));
    }

    private static boolean getOn(Belief belief, List<Belief> others) {
        return switch (belief.request.mode()) {
            case EXCLUSIVE -> others.isEmpty();
            case SHARED -> others.stream().noneMatch(Belief::isExclusive);
            case PERMITS -> {
                int taken = others.stream()
                        .mapToInt(other -> other.request.permits())
                        .sum();
                yield taken + belief.request.permits() <= belief.request.capacity();
            }
        };
    }

    /** A client's write, or read if it shares the lock, reaches what the lock protects. */
    void access(String lock, Belief belief) {
        Register register = registers.computeIfAbsent(lock, name -> new Register());
        long last = belief.isExclusive() ? register.lastAccess : register.lastWrite;
        if (belief.token >= last) {
            register.lastAccess = Math.max(belief.token, register.lastAccess);
            if (belief.isExclusive()) {
                register.lastWrite = belief.token;
            }
            return;
        }
        refused++;
        context.require(!belief.isHeld(), "fencing", () -> "%s holds %s, but an access with token %d came before"
                .formatted(belief, lock, last));
    }
}
