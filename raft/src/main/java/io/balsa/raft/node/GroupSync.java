package io.balsa.raft.node;

import io.balsa.raft.port.Clock;
import io.balsa.raft.port.GroupLogs;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Syncs a log that groups share, when any of their writers has appended to it: one sync for all of them, and then each is told
 * what of its own is durable. If it fails it has failed for all, and every writer is told that.
 */
final class GroupSync implements DutyCycle {
    private record Request(LogWriter writer, long sequence, long bytes) {
        void done() {
            writer.durable(sequence, bytes);
        }
    }

    private final GroupLogs logs;
    private final Runnable wake;
    private final IdleWork idleWork;
    private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
    private final Set<LogWriter> writers = ConcurrentHashMap.newKeySet();
    private volatile boolean hasFreed;
    /** The duty's own, used again and again. */
    private final List<Request> covered = new ArrayList<>();

    /** @param wake has this duty run a round soon */
    GroupSync(GroupLogs logs, Clock clock, Runnable wake) {
        this.logs = logs;
        this.wake = wake;
        this.idleWork = new IdleWork(clock, logs::hasIdleWork);
    }

    /** A writer begins to append. From any thread. */
    void join(LogWriter writer) {
        writers.add(writer);
    }

    /** A writer has ended. From any thread. */
    void leave(LogWriter writer) {
        writers.remove(writer);
    }

    /**
     * Makes what a writer has appended durable. From any thread.
     *
     * @param sequence of the last append
     * @param bytes of all of them since the last request
     */
    void request(LogWriter writer, long sequence, long bytes) {
        requests.offer(new Request(writer, sequence, bytes));
        wake.run();
    }

    /** Less is needed of a log than before: there may be idle work, also if nobody appends any more. From any thread. */
    void freed() {
        hasFreed = true;
        wake.run();
    }

    @Override
    public int doWork() {
        Request next = requests.poll();
        if (next == null) {
            if (hasFreed) {
                hasFreed = false;
                idleWork.synced();
            }
            return idleWork.nanos() > 0 ? 0 : doIdleWork();
        }
        // What is requested while it syncs was perhaps appended too late.
        while (next != null) {
            covered.add(next);
            next = requests.poll();
        }
        int work = covered.size();
        try {
            logs.sync();
            covered.forEach(Request::done);
            idleWork.synced();
        } catch (RuntimeException | Error failure) {
            fail(failure);
        } finally {
            covered.clear();
        }
        return work;
    }

    private int doIdleWork() {
        try {
            logs.idle();
            idleWork.done();
        } catch (RuntimeException | Error failure) {
            fail(failure);
        }
        return 1;
    }

    /** Halts all nodes whose logs are there. */
    void fail(Throwable cause) {
        writers.forEach(writer -> writer.fail(cause));
    }

    @Override
    public long idleNanos() {
        return idleWork.nanos();
    }

    /** The idle work alone: it may as well wait for what is appended. */
    @Override
    public boolean mayWait() {
        return requests.isEmpty();
    }
}
