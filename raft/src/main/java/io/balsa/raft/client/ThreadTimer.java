package io.balsa.raft.client;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link Timer} for very many timeouts that hardly ever come due, with a thread of its own: a daemon, with which a forgotten
 * client does not keep the process alive, and which is there only while there is something to wait for. Tasks run up to about
 * a millisecond late, never early.
 */
public final class ThreadTimer implements Timer {
    private static final Logger LOG = LoggerFactory.getLogger(ThreadTimer.class);
    /** A tick is 2^20 ns, about a millisecond. */
    private static final int TICK_SHIFT = 20;

    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(2);
    /** Further away than anybody waits, and far from where the arithmetic would end. */
    private static final long LONGEST_DELAY_NANOS = Long.MAX_VALUE / 4;

    private final String threadName;
    private final ThreadFactory threads;
    private final long originNanos = System.nanoTime();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition earlier = lock.newCondition();
    // Guarded by the lock.
    private final TimerWheel wheel = new TimerWheel();
    private Thread thread;
    /** Until when the thread sleeps. */
    private long wakeTick = TimerWheel.NEVER;

    private boolean closed;

    /** Begins with the first task. */
    public ThreadTimer(String threadName) {
        this(threadName, Thread::new);
    }

    /** @param threads makes its threads, which it names and starts itself */
    ThreadTimer(String threadName, ThreadFactory threads) {
        this.threadName = threadName;
        this.threads = threads;
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    /** {@inheritDoc} After the timer is closed nothing begins to run any more. */
    @Override
    public Runnable schedule(long delayNanos, Runnable task) {
        long delay = Math.max(0, Math.min(delayNanos, LONGEST_DELAY_NANOS));
        lock.lock();
        try {
            if (closed) {
                // Whoever closes the timer ends first what would have waited for a timeout.
                return () -> {};
            }
            if (thread == null) {
                // First, so that nothing is left behind of a call that fails for want of a thread.
                begin();
            }
            // The tick that begins after that moment, so that nothing runs early. Under the lock, so that the wheel has
            // not gone on beyond it.
            long tick = ((System.nanoTime() - originNanos + delay) >> TICK_SHIFT) + 1;
            TimerWheel.Node node = new TimerWheel.Node(tick, task);
            wheel.add(node);
            if (tick < wakeTick) {
                earlier.signal();
            }
            return () -> cancel(node);
        } finally {
            lock.unlock();
        }
    }

    private void cancel(TimerWheel.Node node) {
        lock.lock();
        try {
            wheel.remove(node);
        } finally {
            lock.unlock();
        }
    }

    private void begin() {
        Thread beginning = threads.newThread(this::run);
        beginning.setName(threadName);
        beginning.setDaemon(true);
        beginning.start();
        // Not before it runs: the system may have no thread to spare now, and have one for the next task.
        thread = beginning;
    }

    private void run() {
        for (TimerWheel.Node due = awaitDue(); due != null; due = awaitDue()) {
            while (due != null) {
                TimerWheel.Node next = TimerWheel.afterwards(due);
                if (isWanted(due)) {
                    run(due.task);
                }
                due = next;
            }
        }
    }

    /** What came due together with others may be taken back by one of them, or while one of them runs. */
    private boolean isWanted(TimerWheel.Node due) {
        lock.lock();
        try {
            return !closed && !due.isTakenBack();
        } finally {
            lock.unlock();
        }
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error defect) {
            // Others wait for their time on this thread, too.
            LOG.error("a task of {} failed", threadName, defect);
        }
    }

    /** Null when there has been nothing to wait for, and the thread ends. */
    private TimerWheel.Node awaitDue() {
        lock.lock();
        try {
            boolean isIdle = false;
            while (!closed) {
                long now = System.nanoTime() - originNanos;
                TimerWheel.Node due = wheel.advance(now >> TICK_SHIFT);
                if (due != null) {
                    return due;
                }
                wakeTick = wheel.nextTick();
                if (wakeTick == TimerWheel.NEVER && isIdle) {
                    break;
                }
                boolean hasNothing = wakeTick == TimerWheel.NEVER;
                long rest = earlier.awaitNanos(hasNothing ? IDLE_NANOS : (wakeTick << TICK_SHIFT) - now);
                isIdle = hasNothing && rest <= 0;
            }
            if (!closed) {
                thread = null;
            }
            return null;
        } catch (InterruptedException stray) {
            // Left behind by a task. Those that wait must not pay for it.
            LOG.error("{} was interrupted; another thread goes on", threadName, stray);
            thread = null;
            begin();
            return null;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            earlier.signal();
        } finally {
            lock.unlock();
        }
    }

    /** After {@link #close}: waits until its thread has ended, but for that thread itself. */
    public void awaitEnd(long nanos) throws InterruptedException {
        Thread ending;
        lock.lock();
        try {
            ending = thread;
        } finally {
            lock.unlock();
        }
        if (ending != null && ending != Thread.currentThread()) {
            TimeUnit.NANOSECONDS.timedJoin(ending, nanos);
        }
    }
}
