package io.balsa.simulation;

import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.raft.core.LogEntry;
import io.balsa.statemachine.CoordinationStateMachine;
import io.balsa.statemachine.proto.AcquireLock;
import io.balsa.statemachine.proto.Answer;
import io.balsa.statemachine.proto.CancelAcquire;
import io.balsa.statemachine.proto.Command;
import io.balsa.statemachine.proto.GetLock;
import io.balsa.statemachine.proto.LockMode;
import io.balsa.statemachine.proto.LockState;
import io.balsa.statemachine.proto.Query;
import io.balsa.statemachine.proto.ReleaseLock;
import io.balsa.statemachine.proto.RenewLock;
import io.balsa.statemachine.proto.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * Reckons from the log alone who holds each lock and who waits for it: strictly first come, first served; a writer beside
 * nobody, and no more permits than there are; whoever died or gave up stands in nobody's way. The simplest thing that can be
 * right: one queue for each lock, searched from its beginning.
 */
final class LockQueues {
    /** One handle's part in a lock: it holds it when it has a token, else it waits. */
    private static final class Part {
        private final long session;
        private final long holder;
        private final LockMode mode;
        private final int permits;
        private final int capacity;
        private long ttlMillis;
        private long untilMillis;
        private int count = 1;
        private long token;

        private Part(long session, AcquireLock acquire, long untilMillis) {
            this.session = session;
            this.holder = acquire.getHolder();
            this.mode = acquire.getMode();
            this.permits = acquire.getPermits();
            this.capacity = acquire.getCapacity();
            this.ttlMillis = acquire.getTtlMillis();
            this.untilMillis = untilMillis;
        }

        private boolean isHeld() {
            return token != 0;
        }

        @Override
        public String toString() {
            return describe(session, holder, token, untilMillis);
        }
    }

    private final WorkloadContext context;
    private final CoordinationStateMachine reference;
    private final SessionTimes sessions;
    private final LockObservers observers;
    private final Map<String, List<Part>> queues = new HashMap<>();
    private final Set<String> changed = new TreeSet<>();
    private final Set<LockMode> modesHeld = new HashSet<>();

    /**
     * @param reference has applied the entry that is told, and all before it
     * @param observers are told what becomes of each lock
     */
    LockQueues(
            WorkloadContext context,
            CoordinationStateMachine reference,
            SessionTimes sessions,
            LockObservers observers) {
        this.context = context;
        this.reference = reference;
        this.sessions = sessions;
        this.observers = observers;
    }

    /** The modes in which locks were held so far. */
    Set<LockMode> modesHeld() {
        return modesHeld;
    }

    /** Time passes with every entry, and sessions may have ended. */
    void pass(LogEntry entry) {
        queues.forEach((name, queue) -> {
            if (queue.removeIf(part -> part.untilMillis <= entry.timeMillis() || !sessions.lasts(part.session))) {
                changed.add(name);
            }
        });
    }

    /** A command was executed, for the first time if it came more than once. */
    void executed(LogEntry entry, Command command, Result result) {
        if (result.hasError()) {
            return;
        }
        switch (command.getOperationCase()) {
            case ACQUIRE_LOCK -> {
                // Whom the entry's stamp let in comes before.
                grant(entry);
                acquire(command.getSession(), command.getAcquireLock(), entry.timeMillis());
            }
            case RENEW_LOCK -> renew(command.getSession(), command.getRenewLock(), entry.timeMillis());
            case RELEASE_LOCK -> release(command.getSession(), command.getReleaseLock());
            case CANCEL_ACQUIRE -> cancel(command.getSession(), command.getCancelAcquire());
            case CLOSE_SESSION -> pass(entry);
            default -> {
                // It concerns no lock.
            }
        }
    }

    private void acquire(long session, AcquireLock acquire, long nowMillis) {
        changed.add(acquire.getName());
        List<Part> queue = queues.computeIfAbsent(acquire.getName(), name -> new ArrayList<>());
        Part part = find(acquire.getName(), session, acquire.getHolder());
        if (part != null) {
            if (part.isHeld() || acquire.getWaitMillis() > 0) {
                part.count++;
                part.ttlMillis = Math.max(part.ttlMillis, acquire.getTtlMillis());
                long byMillis = part.isHeld() ? acquire.getTtlMillis() : acquire.getWaitMillis();
                part.untilMillis = Math.max(part.untilMillis, nowMillis + byMillis);
            }
            return;
        }
        Part last = new Part(session, acquire, nowMillis + acquire.getWaitMillis());
        queue.add(last);
        if (acquire.getWaitMillis() == 0 && !isTurnOf(last, queue)) {
            queue.remove(last);
        }
    }

    private void renew(long session, RenewLock renew, long nowMillis) {
        Part part = find(renew.getName(), owner(renew.getOwnerSession(), session), renew.getHolder());
        if (part != null && part.isHeld() && part.token == renew.getToken()) {
            changed.add(renew.getName());
            part.untilMillis = Math.max(part.untilMillis, nowMillis + renew.getTtlMillis());
        }
    }

    private void release(long session, ReleaseLock release) {
        Part part = find(release.getName(), owner(release.getOwnerSession(), session), release.getHolder());
        if (part != null && part.isHeld() && part.token == release.getToken()) {
            leave(release.getName(), part);
        }
    }

    private void cancel(long session, CancelAcquire cancel) {
        Part part = find(cancel.getName(), session, cancel.getHolder());
        if (part != null) {
            leave(cancel.getName(), part);
        }
    }

    private static long owner(long named, long session) {
        return named == 0 ? session : named;
    }

    private void leave(String name, Part part) {
        changed.add(name);
        part.count--;
        if (part.count == 0) {
            queues.get(name).remove(part);
        }
    }

    private Part find(String name, long session, long holder) {
        for (Part part : queues.getOrDefault(name, List.of())) {
            if (part.session == session && part.holder == holder) {
                return part;
            }
        }
        return null;
    }

    /** The entry is over: whoever can come in has come in, and nobody else. */
    void settle(LogEntry entry) {
        grant(entry);
        for (String name : changed) {
            compare(entry, name);
        }
        changed.clear();
    }

    private void grant(LogEntry entry) {
        for (String name : changed) {
            List<Part> queue = queues.getOrDefault(name, List.of());
            for (Part part : queue) {
                if (!part.isHeld() && isTurnOf(part, queue)) {
                    part.token = entry.index();
                    part.untilMillis = entry.timeMillis() + part.ttlMillis;
                    modesHeld.add(part.mode);
                }
            }
        }
    }

    /** Whether everybody before it holds the lock, and all of them together get on with it. */
    private static boolean isTurnOf(Part part, List<Part> queue) {
        int permits = part.permits;
        for (Part other : queue) {
            if (other == part) {
                return permits <= part.capacity;
            }
            boolean shares = other.mode == part.mode && part.mode != LockMode.LOCK_MODE_EXCLUSIVE;
            if (!other.isHeld() || !shares) {
                return false;
            }
            permits += other.permits;
        }
        throw new IllegalStateException("a part stands in its own queue");
    }

    private void compare(LogEntry entry, String name) {
        List<String> expected = queues.getOrDefault(name, List.of()).stream()
                .map(Part::toString)
                .toList();
        LockState state = stateOf(name);
        observers.after(entry, state);
        List<String> there = partsOf(state);
        context.require(
                there.equals(expected), "lock-order", () -> "after entry %d lock %s has %s, but by the log it is %s"
                        .formatted(entry.index(), name, there, expected));
    }

    private LockState stateOf(String name) {
        byte[] query = Query.newBuilder()
                .setVersion(ServiceWatchers.QUERY_VERSION)
                .setGetLock(GetLock.newBuilder().setName(name))
                .build()
                .toByteArray();
        CompletableFuture<byte[]> reply = new CompletableFuture<>();
        reference.read(query, reply);
        try {
            return Answer.parseFrom(reply.join()).getLockState();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the state of a lock can't be read", e);
        }
    }

    private static List<String> partsOf(LockState state) {
        List<String> parts = new ArrayList<>();
        state.getHoldersList()
                .forEach(holder -> parts.add(describe(
                        holder.getSession(), holder.getHolder(), holder.getToken(), holder.getDeadlineMillis())));
        state.getWaitersList()
                .forEach(waiter ->
                        parts.add(describe(waiter.getSession(), waiter.getHolder(), 0, waiter.getDeadlineMillis())));
        return parts;
    }

    private static String describe(long session, long holder, long token, long untilMillis) {
        String part = token == 0 ? " waits until " : " holds with token " + token + " until ";
        return session + "/" + holder + part + untilMillis;
    }
}
