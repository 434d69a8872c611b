package io.balsa.raft.node;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Lets the duties of many nodes share a few threads. Each duty stays on one of them, which runs whoever was signalled or is
 * due and then sleeps until the next. Timers that are due at about the same time go off together, so that what they have to
 * send leaves together too. Duties that wait for disks have threads of their own, so that they don't hold up heartbeats.
 */
public final class SharedDutyRunner implements DutyRunner, AutoCloseable {
    /** Timers are late by this at most. */
    private static final long GRAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private static final long JOIN_MILLIS = 5_000;

    private final List<Worker> workers;
    private final List<Worker> diskWorkers;
    private final AtomicInteger next = new AtomicInteger();

    /**
     * Starts the threads.
     *
     * @param name part of their names
     * @param threads for what must go on, such as heartbeats and applying
     * @param diskThreads for what may wait for a disk
     */
    public SharedDutyRunner(String name, int threads, int diskThreads) {
        workers = startWorkers("balsa-" + name + "-duties-", threads);
        diskWorkers = startWorkers("balsa-" + name + "-disk-", diskThreads);
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
        return slot(name, false);
    }

    @Override
    public DutySlot slot(String name, boolean mayBlock) {
        List<Worker> candidates = mayBlock ? diskWorkers : workers;
        return new SharedSlot(candidates.get(Math.floorMod(next.getAndIncrement(), candidates.size())));
    }

    /** Ends the threads, and with them every duty that still runs. Closing twice does nothing. */
    @Override
    public void close() {
        List<Worker> all = new ArrayList<>(workers);
        all.addAll(diskWorkers);
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

        void start(String name) {
            thread = new Thread(this, name);
            thread.start();
        }

        @Override
        public void run() {
            while (!stopping) {
                long idle = Long.MAX_VALUE;
                for (SharedSlot slot : slots) {
                    current = slot;
                    idle = Math.min(idle, slot.turn());
                }
                current = null;
                if (idle > 0) {
                    wakeup.await(idle);
                }
            }
            slots.forEach(SharedSlot::end);
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

        /**
         * Runs a round if there is a reason to.
         *
         * @return how long there is none
         */
        long turn() {
            if (stopping) {
                end();
                return Long.MAX_VALUE;
            }
            long now = System.nanoTime();
            if (!signalled.getAndSet(false) && !(hasTimer && dueNanos - now <= 0)) {
                return hasTimer ? dueNanos - now : Long.MAX_VALUE;
            }
            try {
                return round();
            } catch (Throwable failure) {
                onFailure.accept(failure);
                end();
                return Long.MAX_VALUE;
            }
        }

        private long round() {
            if (!begun) {
                begun = true;
                duty.onStart();
            }
            if (duty.doWork() > 0) {
                signalled.set(true);
                return 0;
            }
            long idle = duty.idleNanos();
            hasTimer = idle != Long.MAX_VALUE;
            if (!hasTimer) {
                return Long.MAX_VALUE;
            }
            long now = System.nanoTime();
            dueNanos = Math.floorDiv(now + idle, GRAIN_NANOS) * GRAIN_NANOS + GRAIN_NANOS;
            return dueNanos - now;
        }

        void end() {
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
