package io.balsa.raft.node;

import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.Clock;
import io.balsa.raft.port.StateMachine;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.locks.LockSupport;

/**
 * Owns the state machine: applies committed entries in order, answers their proposals, and serves reads. A read waits here
 * for its index, or parked in the state machine for whatever it asks for, and ends in any case when its time is over. One
 * whose index is applied is served on its client's own thread if nothing else is at work here: the hand-over to another
 * thread, and back, costs many times as much as the read.
 *
 * <p>Its queue needs no bound of its own: reads are counted when they are admitted, and the core gives out only so many
 * bytes of entries that were not reported as applied.
 */
final class Applier implements DutyCycle {
    private sealed interface Work {}

    private record Committed(List<LogEntry> entries) implements Work {}

    private record LeadershipEnded(long beforeTerm) implements Work {}

    /** Reads that need the same index. */
    private record Serve(long atIndex, List<PendingRead> reads) implements Work {}

    private record Restore(ReceivedSnapshot snapshot) implements Work {}

    private record TakeSnapshot() implements Work {}

    private static final int MAX_WORK_PER_ROUND = 256;
    private static final int MAX_READS_AT_ONCE = 256;
    /** So that a large batch, of a log that is caught up with, does not keep other duties waiting. */
    private static final int MAX_ENTRIES_PER_ROUND = 1024;

    /** So many entries are applied before those who wait for them are told: at once, but none of them much later. */
    private static final int TOLD_TOGETHER = 64;

    private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
    private static final byte[] EMPTY = new byte[0];
    private static final AtomicLongFieldUpdater<Applier> LAST_APPLIED =
            AtomicLongFieldUpdater.newUpdater(Applier.class, "lastApplied");
    private static final AtomicLongFieldUpdater<Applier> NEXT_DEADLINE =
            AtomicLongFieldUpdater.newUpdater(Applier.class, "nextDeadlineMillis");

    private final StateMachine stateMachine;
    private final SnapshotTaker snapshots;
    private final PendingProposals proposals;
    private final Clock clock;
    private final DutySignal wakeup;
    private final DutySignal driver;
    private final Queue<Work> queue = new ConcurrentLinkedQueue<>();
    /** Who is in has the state machine and all that is not shared otherwise. */
    private final StateMachineGate gate = new StateMachineGate();

    private final long startNanos;
    private final TreeSet<PendingRead> byIndex;
    private final TreeSet<PendingRead> byDeadline;
    private final List<PendingRead> replied = new ArrayList<>();

    /** How many snapshots wait to be restored, and how many reads to be looked at. */
    private final AtomicInteger restoring = new AtomicInteger();

    private final AtomicInteger serving = new AtomicInteger();
    /** Whether nobody may read the state machine any more; for whoever is in. */
    private boolean hasEnded;

    /** How many reads wait for their index, or are parked, as of the last time that somebody was in. */
    private volatile int waitingReads;

    /** What is left of a batch. */
    private List<LogEntry> unapplied = List.of();

    private volatile long lastApplied;
    private volatile long nextDeadlineMillis;

    /**
     * @param appliedIndex the last entry whose effects are in the state machine
     * @param wakeup on which this applier sleeps
     * @param driver woken when entries were applied
     */
    Applier(
            StateMachine stateMachine,
            long appliedIndex,
            SnapshotTaker snapshots,
            PendingProposals proposals,
            Clock clock,
            DutySignal wakeup,
            DutySignal driver) {
        this.stateMachine = stateMachine;
        this.lastApplied = appliedIndex;
        this.snapshots = snapshots;
        this.proposals = proposals;
        this.clock = clock;
        this.wakeup = wakeup;
        this.driver = driver;
        this.startNanos = clock.nanoTime();
        this.byIndex = new TreeSet<>(
                Comparator.<PendingRead>comparingLong(PendingRead::atIndex).thenComparingLong(Pending::arrival));
        this.byDeadline = new TreeSet<>(Comparator.<PendingRead>comparingLong(read -> read.remainingNanos(startNanos))
                .thenComparingLong(Pending::arrival));
        this.nextDeadlineMillis = stateMachine.nextDeadlineMillis();
    }

    /** Takes entries to apply; by the driver only, in order. */
    void committed(List<LogEntry> entries) {
        submit(new Committed(entries));
    }

    /** Replaces the state by that of a snapshot, from which the next committed entries go on. By the driver only. */
    void restore(ReceivedSnapshot snapshot) {
        restoring.incrementAndGet();
        submit(new Restore(snapshot));
    }

    /** Has a snapshot taken of the state as it is, unless one is being written or none can be now. From any thread. */
    void takeSnapshot() {
        submit(new TakeSnapshot());
    }

    /** What was proposed in terms below this one can't be answered with certainty, unless it was committed before. */
    void leadershipEnded(long beforeTerm) {
        submit(new LeadershipEnded(beforeTerm));
    }

    /** Takes a read that may be served as soon as its index is applied. From any thread. */
    boolean serve(PendingRead read) {
        return serve(read.atIndex(), List.of(read));
    }

    /**
     * Takes reads that may be served as soon as an index is applied. From any thread.
     *
     * @param reads not to be changed any more
     */
    boolean serve(long atIndex, List<PendingRead> reads) {
        for (int from = 0; from < reads.size(); from += MAX_READS_AT_ONCE) {
            serving.incrementAndGet();
            queue.offer(new Serve(atIndex, reads.subList(from, Math.min(reads.size(), from + MAX_READS_AT_ONCE))));
        }
        wakeup.signal();
        return true;
    }

    /**
     * Serves a read at once, on the calling thread, if its index is applied and nothing is at work here. From any thread, for a
     * read that nobody else knows of yet.
     *
     * @return false if it must be served otherwise
     */
    boolean tryServe(PendingRead read) {
        if (read.atIndex() > lastApplied || !gate.tryEnter()) {
            return false;
        }
        boolean isParked = false;
        try {
            if (hasEnded) {
                return false;
            }
            isParked = !serveNow(read);
            return true;
        } catch (Error failure) {
            read.abandon("its query failed: " + failure);
            throw failure;
        } finally {
            waitingReads = byDeadline.size();
            boolean isAwaited = gate.leave();
            if (isAwaited || isParked) {
                // Also for the end of its time.
                wakeup.signal();
            }
        }
    }

    /** The last entry whose effects can be seen. */
    long lastApplied() {
        return lastApplied;
    }

    /** As of {@link #lastApplied()} or later, see {@link StateMachine#nextDeadlineMillis()}. */
    long nextDeadlineMillis() {
        return nextDeadlineMillis;
    }

    @Override
    public int doWork() {
        if (!gate.enterOrLeaveWord()) {
            return 0;
        }
        boolean hasFailed = true;
        try {
            int work = doWorkInside();
            hasFailed = false;
            return work;
        } finally {
            // After a failure nobody knows what the state machine is.
            hasEnded |= hasFailed;
            waitingReads = byDeadline.size();
            gate.leave();
        }
    }

    private int doWorkInside() {
        int work = 0;
        boolean applied = false;
        if (snapshots.isDue()) {
            snapshots.cut(stateMachine, clock);
            work++;
        }
        if (!unapplied.isEmpty()) {
            applySome();
            applied = true;
            work++;
        }
        Work next;
        while (mayGoOn() && work < MAX_WORK_PER_ROUND && (next = queue.poll()) != null) {
            work++;
            if (next instanceof Committed committed) {
                unapplied = committed.entries();
                applySome();
                applied = true;
            } else if (next instanceof Restore restore) {
                restoreNow(restore.snapshot());
                restoring.decrementAndGet();
                applied = true;
            } else if (next instanceof TakeSnapshot) {
                snapshots.request();
            } else if (next instanceof LeadershipEnded ended) {
                proposals.leadershipEndedBefore(ended.beforeTerm());
            } else if (next instanceof Serve serve) {
                serving.decrementAndGet();
                serveOrWait(serve);
                work += serve.reads().size() - 1;
            }
        }
        answerReplied();
        if (applied) {
            driver.signal();
        }
        return work + endOverdueReads();
    }

    /** A snapshot that has become due is cut first, in a round that is known to be long before it begins. */
    private boolean mayGoOn() {
        return unapplied.isEmpty() && !snapshots.isDue();
    }

    @Override
    public long idleNanos() {
        if (!gate.enterOrLeaveWord()) {
            // Whoever is in tells when it is through.
            return Long.MAX_VALUE;
        }
        try {
            return byDeadline.isEmpty()
                    ? Long.MAX_VALUE
                    : Math.max(1, byDeadline.first().remainingNanos(clock.nanoTime()));
        } finally {
            gate.leave();
        }
    }

    @Override
    public boolean mayTakeLong() {
        return restoring.get() > 0 || snapshots.mayTakeLong();
    }

    /** Where no client waits for an answer, followers rather make the next entries durable first. */
    @Override
    public boolean mayWait() {
        return serving.get() == 0 && waitingReads == 0 && proposals.isEmpty();
    }

    /** Ends the reads that are parked, so that the state machine forgets them. */
    @Override
    public void onClose() {
        while (!gate.enterOrLeaveWord()) {
            // A reader is in, which takes no longer than it takes to look something up.
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
        hasEnded = true;
        try {
            endParkedReads();
        } finally {
            gate.leave();
        }
    }

    private void endParkedReads() {
        for (PendingRead read : List.copyOf(byDeadline)) {
            read.abandon("the node stopped");
            if (read.parked() != null) {
                read.parked().completeExceptionally(new IllegalStateException("the node stopped"));
            }
        }
        byDeadline.clear();
        byIndex.clear();
    }

    private boolean submit(Work work) {
        queue.offer(work);
        wakeup.signal();
        return true;
    }

    private void applySome() {
        List<LogEntry> some = unapplied.subList(0, Math.min(unapplied.size(), MAX_ENTRIES_PER_ROUND));
        int count = applyUntilSnapshot(some);
        unapplied = count == unapplied.size() ? List.of() : unapplied.subList(count, unapplied.size());
    }

    /**
     * Applies entries, up to one at which a snapshot is due.
     *
     * @return how many
     */
    private int applyUntilSnapshot(List<LogEntry> entries) {
        proposals.committed(entries.get(entries.size() - 1).index());
        try {
            return applyEach(entries);
        } finally {
            proposals.tell();
        }
    }

    private int applyEach(List<LogEntry> entries) {
        int count = 0;
        while (count < entries.size() && !snapshots.isDue()) {
            LogEntry entry = entries.get(count);
            byte[] result = apply(entry);
            publish(entry.index());
            proposals.applied(entry.term(), entry.index(), result == null ? EMPTY : result);
            answerReplied();
            serveReached();
            snapshots.applied(entry);
            count++;
            if (count % TOLD_TOGETHER == 0) {
                proposals.tell();
            }
        }
        return count;
    }

    /** Reads that the state machine has parked it asks again of the new state. */
    private void restoreNow(ReceivedSnapshot snapshot) {
        try (InputStream input = snapshot.open()) {
            stateMachine.restore(input);
        } catch (IOException | RuntimeException failure) {
            throw new IllegalStateException(
                    "the state machine could not be restored from the snapshot at index "
                            + snapshot.metadata().index(),
                    failure);
        }
        publish(snapshot.metadata().index());
        snapshots.restored(snapshot.metadata());
        snapshot.settled();
        answerReplied();
        serveReached();
    }

    /** In this order, which is all that counts: whoever sees the new lastApplied must not see the old deadline. */
    private void publish(long appliedIndex) {
        long deadline = stateMachine.nextDeadlineMillis();
        if (deadline != nextDeadlineMillis) {
            NEXT_DEADLINE.lazySet(this, deadline);
        }
        LAST_APPLIED.lazySet(this, appliedIndex);
    }

    private void serveReached() {
        while (!byIndex.isEmpty() && byIndex.first().atIndex() <= lastApplied) {
            PendingRead read = byIndex.pollFirst();
            byDeadline.remove(read);
            serveNow(read);
        }
    }

    private byte[] apply(LogEntry entry) {
        if (entry.index() != lastApplied + 1) {
            throw new IllegalStateException("entry " + entry.index() + " follows " + lastApplied);
        }
        try {
            return stateMachine.apply(entry);
        } catch (RuntimeException failure) {
            throw new IllegalStateException("the state machine failed on entry " + entry, failure);
        }
    }

    private void serveOrWait(Serve serve) {
        if (serve.atIndex() <= lastApplied) {
            serveNow(serve.reads());
            return;
        }
        for (PendingRead read : serve.reads()) {
            if (!read.isAnswered()) {
                read.confirmedAt(serve.atIndex());
                byIndex.add(read);
                byDeadline.add(read);
            }
        }
    }

    /** Looks everything up before it answers: so letting many requests go costs hardly more than one. */
    private void serveNow(List<PendingRead> reads) {
        List<PendingRead> served = new ArrayList<>(reads.size());
        List<ClientResponse> responses = new ArrayList<>(reads.size());
        for (PendingRead read : reads) {
            if (!read.isAnswered() && lookUp(read)) {
                served.add(read);
                responses.add(responseOf(read));
            }
        }
        Pending.answerAll(served, responses);
    }

    /** @return false if it is parked */
    private boolean serveNow(PendingRead read) {
        if (lookUp(read)) {
            answer(read);
            return true;
        }
        return false;
    }

    /** @return false if it is parked */
    private boolean lookUp(PendingRead read) {
        CompletableFuture<byte[]> reply = new CompletableFuture<>();
        try {
            stateMachine.read(read.query(), reply);
        } catch (RuntimeException refused) {
            // A query changes nothing, so one that the state machine chokes on is its sender's trouble only.
            reply.completeExceptionally(refused);
        }
        read.park(reply);
        if (reply.isDone()) {
            return true;
        }
        byDeadline.add(read);
        CompletableFuture<?> unused = reply.whenComplete((answer, failure) -> replied.add(read));
        return false;
    }

    /** Replies come in the middle of an apply; they are passed on when it is over, together with its index. */
    private void answerReplied() {
        if (replied.isEmpty()) {
            return;
        }
        for (PendingRead read : replied) {
            byDeadline.remove(read);
            answer(read);
        }
        replied.clear();
    }

    private void answer(PendingRead read) {
        read.answer(responseOf(read));
    }

    private ClientResponse responseOf(PendingRead read) {
        CompletableFuture<byte[]> reply = read.parked();
        if (reply.isCompletedExceptionally()) {
            return new ClientResponse.Invalid("the state machine refused the query: " + failureOf(reply));
        }
        byte[] answer = reply.getNow(EMPTY);
        return new ClientResponse.Answer(lastApplied, answer == null ? EMPTY : answer);
    }

    private static String failureOf(CompletableFuture<byte[]> reply) {
        return String.valueOf(reply.handle((answer, failure) -> failure).getNow(null));
    }

    private int endOverdueReads() {
        if (byDeadline.isEmpty()) {
            return 0;
        }
        long now = clock.nanoTime();
        int ended = 0;
        while (!byDeadline.isEmpty() && byDeadline.first().remainingNanos(now) <= 0) {
            PendingRead read = byDeadline.pollFirst();
            ended++;
            read.answer(new ClientResponse.ReadTimedOut());
            if (read.parked() == null) {
                byIndex.remove(read);
            } else {
                read.parked().completeExceptionally(new TimeoutException("the read's time is over"));
            }
        }
        answerReplied();
        return ended;
    }
}
