package io.balsa.statemachine;

import io.balsa.raft.core.LogEntry;
import io.balsa.statemachine.proto.AcquireLock;
import io.balsa.statemachine.proto.Command;
import io.balsa.statemachine.proto.LockMode;
import io.balsa.statemachine.proto.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Locks as simply as they can be told: for each name one queue, searched from its beginning for everything. */
final class SimpleLocks {
    /** One handle's part in a lock: it holds it when it has a token, else it waits. */
    static final class Part {
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

        private boolean is(long otherSession, long otherHolder) {
            return session == otherSession && holder == otherHolder;
        }

        /** What can be compared with the real thing. */
        @Override
        public String toString() {
            return (token == 0 ? "waits " : "holds by " + token + " ") + session + "/" + holder + " " + mode + " "
                    + permits + " of " + capacity + ", " + count + " times until " + untilMillis;
        }
    }

    private final Map<String, List<Part>> queues = new TreeMap<>();
    private final Map<Long, long[]> sessions = new HashMap<>();

    /** An entry, which has this result when it is a command that had none before. */
    void apply(LogEntry entry, Command command, Result result) {
        pass(entry.timeMillis());
        if (command != null && !result.hasError()) {
            execute(entry, command, result);
        }
        grant(entry);
    }

    private void pass(long nowMillis) {
        sessions.values().removeIf(session -> session[1] <= nowMillis);
        queues.values()
                .forEach(queue ->
                        queue.removeIf(part -> part.untilMillis <= nowMillis || !sessions.containsKey(part.session)));
    }

    private void execute(LogEntry entry, Command command, Result result) {
        long now = entry.timeMillis();
        if (command.hasOpenSession()) {
            long ttl = command.getOpenSession().getTtlMillis();
            sessions.put(result.getSessionOpened().getSession(), new long[] {ttl, now + ttl});
            return;
        }
        switch (command.getOperationCase()) {
            case ACQUIRE_LOCK -> {
                // Whom the stamp let in comes before.
                grant(entry);
                acquire(command.getSession(), command.getAcquireLock(), now);
            }
            case RENEW_LOCK -> {
                Part part = find(
                        command.getRenewLock().getName(),
                        command.getSession(),
                        command.getRenewLock().getHolder());
                if (part != null
                        && part.token != 0
                        && part.token == command.getRenewLock().getToken()) {
                    part.untilMillis = Math.max(
                            part.untilMillis, now + command.getRenewLock().getTtlMillis());
                }
            }
            case RELEASE_LOCK -> {
                Part part = find(
                        command.getReleaseLock().getName(),
                        command.getSession(),
                        command.getReleaseLock().getHolder());
                if (part != null
                        && part.token != 0
                        && part.token == command.getReleaseLock().getToken()) {
                    leave(command.getReleaseLock().getName(), part);
                }
            }
            case CANCEL_ACQUIRE -> {
                Part part = find(
                        command.getCancelAcquire().getName(),
                        command.getSession(),
                        command.getCancelAcquire().getHolder());
                if (part != null) {
                    leave(command.getCancelAcquire().getName(), part);
                }
            }
            case CLOSE_SESSION -> {
                sessions.remove(command.getSession());
                queues.values().forEach(queue -> queue.removeIf(part -> part.session == command.getSession()));
            }
            default -> {}
        }
    }

    /** Whatever a command does, it shows that its session is alive. */
    void isAlive(long session, long nowMillis) {
        long[] times = sessions.get(session);
        if (times != null && times[1] > nowMillis) {
            times[1] = nowMillis + times[0];
        }
    }

    private void acquire(long session, AcquireLock acquire, long now) {
        List<Part> queue = queues.computeIfAbsent(acquire.getName(), name -> new ArrayList<>());
        Part part = find(acquire.getName(), session, acquire.getHolder());
        if (part != null && (part.token != 0 || acquire.getWaitMillis() > 0)) {
            part.count++;
            long by = part.token != 0 ? acquire.getTtlMillis() : acquire.getWaitMillis();
            part.untilMillis = Math.max(part.untilMillis, now + by);
            part.ttlMillis = Math.max(part.ttlMillis, acquire.getTtlMillis());
        } else if (part == null) {
            Part last = new Part(session, acquire, now + acquire.getWaitMillis());
            queue.add(last);
            if (acquire.getWaitMillis() == 0 && !isTurnOf(queue, last)) {
                queue.remove(last);
            }
        }
    }

    private void leave(String name, Part part) {
        part.count--;
        if (part.count == 0) {
            queues.get(name).remove(part);
        }
    }

    private Part find(String name, long session, long holder) {
        return queues.getOrDefault(name, List.of()).stream()
                .filter(part -> part.is(session, holder))
                .findFirst()
                .orElse(null);
    }

    private void grant(LogEntry entry) {
        for (List<Part> queue : queues.values()) {
            for (Part part : queue) {
                if (part.token == 0 && isTurnOf(queue, part)) {
                    part.token = entry.index();
                    part.untilMillis = entry.timeMillis() + part.ttlMillis;
                }
            }
        }
    }

    /** Whether everybody before it holds the lock, and all of them together get on with it. */
    private static boolean isTurnOf(List<Part> queue, Part part) {
        List<Part> before = queue.subList(0, queue.indexOf(part));
        if (before.stream().anyMatch(other -> other.token == 0)) {
            return false;
        }
        return switch (part.mode) {
            case LOCK_MODE_SHARED -> before.stream().allMatch(other -> other.mode == LockMode.LOCK_MODE_SHARED);
            case LOCK_MODE_PERMITS ->
                before.stream().mapToInt(other -> other.permits).sum() + part.permits <= part.capacity;
            default -> before.isEmpty();
        };
    }

    /** All that hold or wait, by the names of the locks. */
    Map<String, List<String>> all() {
        Map<String, List<String>> all = new TreeMap<>();
        queues.forEach((name, queue) -> {
            if (!queue.isEmpty()) {
                all.put(name, queue.stream().map(Objects::toString).toList());
            }
        });
        return all;
    }

    /** The same of a real table. */
    static Map<String, List<String>> all(LockTable table) {
        Map<String, List<String>> all = new TreeMap<>();
        for (NamedLock lock : table.all()) {
            List<String> parts = new ArrayList<>();
            for (Holding holding : lock.holdings()) {
                parts.add("holds by " + holding.token() + " "
                        + holding.session().id() + "/" + holding.holder() + " "
                        + lock.mode() + " " + holding.permits() + " of " + lock.capacity() + ", " + holding.count()
                        + " times until " + holding.deadlineMillis());
            }
            for (Waiter waiter : lock.waiters()) {
                parts.add("waits " + waiter.session().id() + "/" + waiter.holder() + " "
                        + waiter.claim().mode() + " " + waiter.claim().permits() + " of " + lock.capacity() + ", "
                        + waiter.count() + " times until " + waiter.deadlineMillis());
            }
            all.put(lock.name(), parts);
        }
        return all;
    }
}
