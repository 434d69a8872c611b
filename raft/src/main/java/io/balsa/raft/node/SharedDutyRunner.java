package io.balsa.raft.node;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Lets the duties of many nodes share a few threads, each of which runs whoever was signalled or is due and then sleeps until
 * the next. Timers that are due at about the same time go off together, and what their duties send leaves together too. Each
 * {@linkplain DutyKind kind} of duty has threads of its own, so that a large snapshot of one group holds up neither the logs
 * nor the heartbeats of any.
 *
 * <p>Yet where the log and the state machine of a node are quick, they are on its driver's thread ({@link #forOneNode()}): else
 * threads would wake each other several times for each command. Those that turn out to be slow move to the threads of their
 * kind, and come back when they have been quick for a while. So a disk, or a state machine, that was quick and hangs for the
 * first time holds up all nodes of that thread until it goes on.
 */
public final class SharedDutyRunner implements DutyRunner, AutoCloseable {
    /** Short timers are late by this at most, longer ones by a quarter of their time, and none by more than the second. */
    private static final long GRAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private static final long MAX_GRAIN_NANOS = 4 * GRAIN_NANOS;

    /** What is put off to the end of the turns does not wait longer for the duties that still have theirs. */
    private static final long MAX_PUT_OFF_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    /** A duty for which nobody waits lets the others go first for so long. */
    private static final long MAX_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long JOIN_MILLIS = 5_000;

    /** From this time of a usual turn on, a log waits for its disk, and others need not wait with it. */
    private static final long SLOW_LOG_NANOS = TimeUnit.MICROSECONDS.toNanos(60);

    private static final long SLOW_NANOS = TimeUnit.MICROSECONDS.toNanos(600);

    private final Map<DutyKind, List<Worker>> workers = new EnumMap<>(DutyKind.class);
    private final Map<DutyKind, AtomicInteger> next = new EnumMap<>(DutyKind.class);

    /**
     * Starts the threads.
     *
     * @param name part of their names
     * @param threads for the duties of each kind
     */
    public SharedDutyRunner(String name, int threads) {
        this(name, threads, threads);
    }

    /**
     * Starts the threads.
     *
     * @param name part of their names
     * @param threads for drivers and appliers each
     * @param diskThreads for logs and snapshots each: how many can wait for the disk at once
     */
    public SharedDutyRunner(String name, int threads, int diskThreads) {
        this(name, threads, diskThreads, System::nanoTime);
    }

    SharedDutyRunner(String name, int threads, int diskThreads, LongSupplier nanoTime) {
        for (DutyKind kind : DutyKind.values()) {
            next.put(kind, new AtomicInteger());
            workers.put(
                    kind,
                    startWorkers(
                            "balsa-" + name + "-" + kind.name().toLowerCase(Locale.ROOT) + "-",
                            kind == DutyKind.LOG || kind == DutyKind.BULK ? diskThreads : threads,
                            nanoTime));
        }
    }

    private static List<Worker> startWorkers(String name, int count, LongSupplier nanoTime) {
        if (count < 1) {
            throw new IllegalArgumentException("duties need at least one thread, not " + count);
        }
        List<Worker> workers = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            Worker worker = new Worker(nanoTime);
            workers.add(worker);
            worker.start(name + i);
        }
        return List.copyOf(workers);
    }

    @Override
    public DutySlot slot(String name) {
        return slot(name, DutyKind.DRIVER);
    }

    @Override
    public DutySlot slot(String name, DutyKind kind) {
        return new SharedSlot(kind, nextWorker(kind));
    }

    private Worker nextWorker(DutyKind kind) {
        List<Worker> candidates = workers.get(kind);
        return candidates.get(Math.floorMod(next.get(kind).getAndIncrement(), candidates.size()));
    }

    /** Gives the duties of one node their places: on its driver's thread as far as they are quick. */
    DutyRunner forOneNode() {
        Worker home = nextWorker(DutyKind.DRIVER);
        return new DutyRunner() {
            @Override
            public DutySlot slot(String name) {
                return slot(name, DutyKind.DRIVER);
            }

            @Override
            public DutySlot slot(String name, DutyKind kind) {
                return switch (kind) {
                    case DRIVER -> new SharedSlot(kind, home);
                    case LOG -> MovingSlot.beginningAway(kind, home, nextWorker(kind), SLOW_LOG_NANOS);
                    case APPLY -> MovingSlot.beginningAtHome(kind, home, nextWorker(kind), SLOW_NANOS);
                    case BULK -> new SharedSlot(kind, nextWorker(kind));
                };
            }
        };
    }

    /** A place for what syncs the logs of many nodes at once: on a driver's thread as far as that is quick. */
    DutySlot syncSlot() {
        return MovingSlot.beginningAway(
                DutyKind.LOG, workers.get(DutyKind.DRIVER).get(0), nextWorker(DutyKind.LOG), SLOW_LOG_NANOS);
    }

    /**
     * Signals a duty of this runner. If it is on another thread and the caller in a duty, it is left alone until those that are
     * due on the calling thread have had their turn: they may have something for it too.
     */
    void signalAfterTurns(DutySlot slot) {
        SharedSlot shared = (SharedSlot) slot;
        if (shared.worker().thread == Thread.currentThread() || !afterTurns(shared.signalling)) {
            shared.signal();
        }
    }

    /**
     * Puts a task off until the duties that are due on the calling thread have had their turn; a moment at most. Put off
     * several times it is run once.
     *
     * @return false if the caller is in none of the duties, so that there is nothing to wait for
     */
    boolean afterTurns(Runnable task) {
        Thread caller = Thread.currentThread();
        for (Worker worker : workers.get(DutyKind.DRIVER)) {
            if (worker.thread == caller) {
                worker.putOff(task);
                return true;
            }
        }
        return false;
    }

    /** Ends the threads, and with them every duty that still runs. Closing twice does nothing. */
    @Override
    public void close() {
        List<Worker> all = workers.values().stream().flatMap(List::stream).toList();
        all.forEach(Worker::stop);
        all.forEach(Worker::join);
    }

    /** One thread and the duties that live on it. */
    private static final class Worker implements Runnable {
        private final LongSupplier nanoTime;
        private final Wakeup wakeup = new Wakeup();
        /** Drivers first, and logs behind them: what a driver sends must leave before its log syncs. */
        private final List<SharedSlot> slots = new CopyOnWriteArrayList<>();

        private volatile Thread thread;
        private volatile boolean stopping;
        private volatile boolean ended;
        /** Whose round it is; the thread's own. */
        private SharedSlot current;
        /** Also the thread's own, as is the time when the first of them came. */
        private final Set<Runnable> putOff = new HashSet<>();

        private long putOffNanos;
        /** Whether anything was done in the last pass: then there is more to come. */
        private boolean anyDue;

        Worker(LongSupplier nanoTime) {
            this.nanoTime = nanoTime;
        }

        void start(String name) {
            thread = new Thread(this, name);
            thread.start();
        }

        @Override
        public void run() {
            while (!stopping) {
                long idle = giveTurns();
                if (idle > 0) {
                    wakeup.await(idle);
                }
            }
            ended = true;
            slots.forEach(SharedSlot::end);
        }

        /** Runs a duty from now on. */
        void add(SharedSlot slot) {
            synchronized (this) {
                int place = 0;
                while (place < slots.size() && slots.get(place).kind.compareTo(slot.kind) <= 0) {
                    place++;
                }
                slots.add(place, slot);
            }
            wakeup.signal();
            if (ended) {
                slot.end();
            }
        }

        /** @return false if it was not there */
        synchronized boolean remove(SharedSlot slot) {
            return slots.remove(slot);
        }

        /** @return how long nobody needs another */
        private long giveTurns() {
            long idle = Long.MAX_VALUE;
            long now = nanoTime.getAsLong();
            boolean othersWereDue = anyDue;
            anyDue = false;
            for (SharedSlot slot : slots) {
                current = slot;
                if (slot.isDue(now) && !(othersWereDue && slot.waits(now))) {
                    if (!putOff.isEmpty() && (slot.kind != DutyKind.DRIVER || now - putOffNanos > MAX_PUT_OFF_NANOS)) {
                        runWhatWasPutOff();
                        now = nanoTime.getAsLong();
                    }
                    anyDue |= slot.turn(now) > 0;
                    now = nanoTime.getAsLong();
                }
                idle = Math.min(idle, slot.idleNanos(now));
            }
            current = null;
            runWhatWasPutOff();
            return idle;
        }

        void putOff(Runnable task) {
            if (putOff.isEmpty()) {
                putOffNanos = nanoTime.getAsLong();
            }
            putOff.add(task);
        }

        private void runWhatWasPutOff() {
            putOff.forEach(Runnable::run);
            putOff.clear();
        }

        void stop() {
            stopping = true;
            wakeup.signal();
        }

        void join() {
            if (Thread.currentThread() == thread) {
                return;
            }
            try {
                TimeUnit.MILLISECONDS.timedJoin(thread, JOIN_MILLIS);
            } catch (InterruptedException interruption) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static class SharedSlot implements DutySlot {
        private final DutyKind kind;
        private final AtomicBoolean signalled = new AtomicBoolean(true);
        private final CountDownLatch ended = new CountDownLatch(1);
        private final Runnable signalling = this::signal;
        private volatile Worker worker;
        private volatile DutyCycle duty;
        private volatile Consumer<Throwable> onFailure;
        private volatile boolean stopping;
        // The worker's own.
        private boolean begun;
        private boolean hasTimer;
        private long dueNanos;
        private boolean waiting;
        private long waitingNanos;

        SharedSlot(DutyKind kind, Worker worker) {
            this.kind = kind;
            this.worker = worker;
        }

        @Override
        public final void start(DutyCycle newDuty, Consumer<Throwable> newOnFailure) {
            onFailure = newOnFailure;
            duty = newDuty;
            worker.add(this);
        }

        @Override
        public final void signal() {
            if (!signalled.getAndSet(true)) {
                worker.wakeup.signal();
            }
        }

        final Worker worker() {
            return worker;
        }

        final DutyCycle duty() {
            return duty;
        }

        final boolean isStopping() {
            return stopping;
        }

        /** Goes to another thread; by the one that runs it, between two turns. */
        final void moveTo(Worker other) {
            Worker before = worker;
            if (before.remove(this)) {
                worker = other;
                // Whoever signalled it before has woken the other thread only.
                signalled.set(true);
                other.add(this);
            }
        }

        @Override
        public final void stop() {
            stopping = true;
            worker.wakeup.signal();
        }

        @Override
        public final boolean join(long millis) throws InterruptedException {
            // On its own thread, in the turn of another, nothing of it ends before the caller returns.
            boolean isInVain = Thread.currentThread() == worker.thread;
            return duty == null || isCurrent() || ended.await(isInVain ? 0 : millis, TimeUnit.MILLISECONDS);
        }

        @Override
        public final boolean isCurrent() {
            return Thread.currentThread() == worker.thread && worker.current == this;
        }

        /** Whether there is a reason for a turn; cheap, since many are asked in vain. */
        final boolean isDue(long now) {
            return signalled.get() || stopping || (hasTimer && dueNanos - now <= 0);
        }

        /** Whether it lets others go first, being due. */
        final boolean waits(long now) {
            if (stopping || !duty.mayWait()) {
                waiting = false;
                return false;
            }
            if (!waiting) {
                waiting = true;
                waitingNanos = now;
            }
            return now - waitingNanos < MAX_WAIT_NANOS;
        }

        /** How long there is none. */
        final long idleNanos(long now) {
            if (signalled.get()) {
                return 0;
            }
            return hasTimer ? Math.max(0, dueNanos - now) : Long.MAX_VALUE;
        }

        /**
         * Runs a round, or ends if it shall.
         *
         * @param now when it begins
         * @return how much was done
         */
        int turn(long now) {
            if (stopping) {
                end();
                return 0;
            }
            signalled.set(false);
            waiting = false;
            try {
                return round();
            } catch (Throwable failure) {
                onFailure.accept(failure);
                end();
                return 0;
            }
        }

        private int round() {
            if (!begun) {
                begun = true;
                duty.onStart();
            }
            int work = duty.doWork();
            if (work > 0) {
                signalled.set(true);
                return work;
            }
            long idle = duty.idleNanos();
            hasTimer = idle != Long.MAX_VALUE;
            if (hasTimer) {
                dueNanos = commonMoment(worker.nanoTime.getAsLong() + idle, idle);
            }
            return 0;
        }

        /** When what is due then had better be done, together with others. */
        private static long commonMoment(long due, long idle) {
            if (idle < GRAIN_NANOS) {
                return due;
            }
            long grain = Math.max(
                    GRAIN_NANOS, Math.min(MAX_GRAIN_NANOS, GRAIN_NANOS * Long.highestOneBit(idle / (4 * GRAIN_NANOS))));
            return Math.floorDiv(due, grain) * grain + grain;
        }

        final void end() {
            hasTimer = false;
            signalled.set(false);
            if (!worker.remove(this)) {
                return;
            }
            try {
                duty.onClose();
            } catch (Throwable failure) {
                onFailure.accept(failure);
            }
            ended.countDown();
        }
    }

    /** The place of a duty that is on its driver's thread while it is quick, and on one of its kind's while it is slow. */
    private static final class MovingSlot extends SharedSlot {
        private final Worker home;
        private final Worker away;
        /** Of whoever runs the duty. */
        private final UsualTurn usual;

        private MovingSlot(DutyKind kind, Worker home, Worker away, Worker first, UsualTurn usual) {
            super(kind, first);
            this.home = home;
            this.away = away;
            this.usual = usual;
        }

        /** @param slowNanos from this time of a usual turn on, it goes away */
        static MovingSlot beginningAtHome(DutyKind kind, Worker home, Worker away, long slowNanos) {
            return new MovingSlot(kind, home, away, home, UsualTurn.takenForQuick(slowNanos, slowNanos));
        }

        /**
         * For what may be slow from the first, when all others begin too.
         *
         * @param slowNanos below half of this time of a usual turn, it comes home
         */
        static MovingSlot beginningAway(DutyKind kind, Worker home, Worker away, long slowNanos) {
            return new MovingSlot(kind, home, away, away, UsualTurn.takenForSlow(slowNanos, home.nanoTime.getAsLong()));
        }

        @Override
        int turn(long now) {
            boolean isHome = worker() == home;
            if (isHome && !isStopping() && duty().mayTakeLong()) {
                move(away, now);
                return 0;
            }
            int work = super.turn(now);
            long ended = home.nanoTime.getAsLong();
            usual.took(now, ended, work);
            if (isHome && usual.shouldLeave()) {
                move(away, ended);
            } else if (!isHome && usual.mayReturn(ended)) {
                move(home, ended);
            }
            return work;
        }

        private void move(Worker other, long now) {
            usual.left(now);
            moveTo(other);
        }
    }
}
