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

/**
 * Lets the duties of many nodes share a few threads. Each duty stays on one of them, which runs whoever was signalled or is
 * due and then sleeps until the next. Timers that are due at about the same time go off together, and what their duties send
 * leaves together too. Each {@linkplain DutyKind kind} of duty has threads of its own, so that a large snapshot of one group
 * holds up neither the logs nor the heartbeats of any.
 */
public final class SharedDutyRunner implements DutyRunner, AutoCloseable {
    /** Short timers are late by this at most, longer ones by a quarter of their time, and none by more than the second. */
    private static final long GRAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private static final long MAX_GRAIN_NANOS = 4 * GRAIN_NANOS;

    /** What is put off to the end of the turns does not wait longer for the duties that still have theirs. */
    private static final long MAX_PUT_OFF_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    private static final long JOIN_MILLIS = 5_000;

    private final Map<DutyKind, List<Worker>> workers = new EnumMap<>(DutyKind.class);
    private final AtomicInteger next = new AtomicInteger();

    /**
     * Starts the threads.
     *
     * @param name part of their names
     * @param threads for the duties of each kind
     */
    public SharedDutyRunner(String name, int threads) {
        for (DutyKind kind : DutyKind.values()) {
            workers.put(
                    kind, startWorkers("balsa-" + name + "-" + kind.name().toLowerCase(Locale.ROOT) + "-", threads));
        }
    }

    private static List<Worker> startWorkers(String name, int count) {
        if (count < 1) {
            throw new IllegalArgumentException("duties need at least one thread, not " + count);
        }
        List<Worker> workers = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            Worker worker = new Worker();
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
        List<Worker> candidates = workers.get(kind);
        return new SharedSlot(candidates.get(Math.floorMod(next.getAndIncrement(), candidates.size())));
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
        private final Wakeup wakeup = new Wakeup();
        private final List<SharedSlot> slots = new CopyOnWriteArrayList<>();
        private volatile Thread thread;
        private volatile boolean stopping;
        /** Whose round it is; the thread's own. */
        private SharedSlot current;
        /** Also the thread's own, as is the time when the first of them came. */
        private final Set<Runnable> putOff = new HashSet<>();

        private long putOffNanos;

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
            slots.forEach(SharedSlot::end);
        }

        /** @return how long nobody needs another */
        private long giveTurns() {
            long idle = Long.MAX_VALUE;
            long now = System.nanoTime();
            for (SharedSlot slot : slots) {
                current = slot;
                if (slot.isDue(now)) {
                    slot.turn();
                    now = System.nanoTime();
                    if (!putOff.isEmpty() && now - putOffNanos > MAX_PUT_OFF_NANOS) {
                        runWhatWasPutOff();
                    }
                }
                idle = Math.min(idle, slot.idleNanos(now));
            }
            current = null;
            runWhatWasPutOff();
            return idle;
        }

        void putOff(Runnable task) {
            if (putOff.isEmpty()) {
                putOffNanos = System.nanoTime();
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

    private static final class SharedSlot implements DutySlot {
        private final Worker worker;
        private final AtomicBoolean signalled = new AtomicBoolean(true);
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile DutyCycle duty;
        private volatile Consumer<Throwable> onFailure;
        private volatile boolean stopping;
        // The worker's own.
        private boolean begun;
        private boolean hasTimer;
        private long dueNanos;

        SharedSlot(Worker worker) {
            this.worker = worker;
        }

        @Override
        public void start(DutyCycle newDuty, Consumer<Throwable> newOnFailure) {
            onFailure = newOnFailure;
            duty = newDuty;
            worker.slots.add(this);
            worker.wakeup.signal();
        }

        @Override
        public void signal() {
            if (!signalled.getAndSet(true)) {
                worker.wakeup.signal();
            }
        }

        @Override
        public void stop() {
            stopping = true;
            worker.wakeup.signal();
        }

        @Override
        public boolean join(long millis) throws InterruptedException {
            return duty == null || isCurrent() || ended.await(millis, TimeUnit.MILLISECONDS);
        }

        @Override
        public boolean isCurrent() {
            return Thread.currentThread() == worker.thread && worker.current == this;
        }

        /** Whether there is a reason for a turn; cheap, since many are asked in vain. */
        boolean isDue(long now) {
            return signalled.get() || stopping || (hasTimer && dueNanos - now <= 0);
        }

        /** How long there is none. */
        long idleNanos(long now) {
            if (signalled.get()) {
                return 0;
            }
            return hasTimer ? Math.max(0, dueNanos - now) : Long.MAX_VALUE;
        }

        /** Runs a round, or ends if it shall. */
        void turn() {
            if (stopping) {
                end();
                return;
            }
            signalled.set(false);
            try {
                round();
            } catch (Throwable failure) {
                onFailure.accept(failure);
                end();
            }
        }

        private void round() {
            if (!begun) {
                begun = true;
                duty.onStart();
            }
            if (duty.doWork() > 0) {
                signalled.set(true);
                return;
            }
            long idle = duty.idleNanos();
            hasTimer = idle != Long.MAX_VALUE;
            if (hasTimer) {
                dueNanos = commonMoment(System.nanoTime() + idle, idle);
            }
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

        void end() {
            hasTimer = false;
            signalled.set(false);
            if (!worker.slots.remove(this)) {
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
}
