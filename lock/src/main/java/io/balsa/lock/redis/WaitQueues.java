package io.balsa.lock.redis;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Those of this process who wait for locks. Of each lock only the first in the queue asks, when it hears of a release, when the
 * holder's TTL is over, and in between should nothing be heard: so that a release makes one attempt of each process, however many
 * wait in it.
 *
 * <p>Belongs to the {@link Loop}'s thread.
 */
// Answers reach the queue; what a continuation fails with is a defect that nobody waits for.
@SuppressWarnings("FutureReturnValueIgnored")
final class WaitQueues {
    private static final long FIRST_PAUSE_MILLIS = 25;
    private static final long LONGEST_PAUSE_MILLIS = 400;

    /** What those who wait do. */
    interface Attempts {
        /** Makes one attempt. The future never fails, and may complete on any thread. */
        CompletableFuture<Attempt> attempt(Acquisition acquisition);

        /**
         * Takes the outcome of an attempt in.
         *
         * @return whether it needn't wait any more: it has the lock, or its time is over, or it gave up
         */
        boolean take(Acquisition acquisition, Attempt attempt);

        /**
         * The time that it would wait is over.
         *
         * @param failing whether what was last asked got no answer
         * @return whether it needn't wait any more
         */
        boolean timeOver(Acquisition acquisition, boolean failing);
    }

    private final Map<String, WaitQueue> queues = new HashMap<>();
    private final Loop loop;
    private final Attempts attempts;
    private final Servers servers;
    private final long pollNanos;

    WaitQueues(Loop loop, Attempts attempts, Servers servers, long pollNanos) {
        this.loop = loop;
        this.attempts = attempts;
        this.servers = servers;
        this.pollNanos = pollNanos;
    }

    /** Lets one wait whose first attempt did not get the lock. */
    void join(Acquisition acquisition, Attempt first) {
        if (!acquisition.isDecided()) {
            queues.computeIfAbsent(acquisition.key(), WaitQueue::new).join(acquisition, first);
        }
    }

    /** It gave up. */
    void leave(Acquisition acquisition) {
        WaitQueue queue = queues.get(acquisition.key());
        if (queue != null) {
            queue.leave(acquisition);
        }
    }

    /** A lock may be free. */
    void wake(String key) {
        WaitQueue queue = queues.get(key);
        if (queue != null) {
            queue.wake();
        }
    }

    /** Of one lock. */
    private final class WaitQueue {
        private final String key;

        /** In the order of arrival, each with what cancels its timer. */
        private final Map<Acquisition, Runnable> waiting = new LinkedHashMap<>();

        private Acquisition asking;
        private boolean again;
        private Runnable cancelPoll = () -> {};
        private int failures;

        WaitQueue(String key) {
            this.key = key;
        }

        void join(Acquisition acquisition, Attempt first) {
            boolean isFirst = waiting.isEmpty();
            waiting.put(acquisition, () -> {});
            if (isFirst && asking == null) {
                servers.listen(key);
                askLater(first);
            }
            watchTime(acquisition, acquisition.waitUntilNanos());
        }

        private void watchTime(Acquisition acquisition, long whenNanos) {
            waiting.put(acquisition, loop.schedule(whenNanos - loop.nanoTime(), () -> timeOver(acquisition)));
        }

        private void timeOver(Acquisition acquisition) {
            // Who is asking just now is told by the answer.
            if (acquisition == asking || !waiting.containsKey(acquisition)) {
                return;
            }
            if (attempts.timeOver(acquisition, failures > 0)) {
                leave(acquisition);
            } else {
                watchTime(acquisition, acquisition.failAtNanos());
            }
        }

        void leave(Acquisition acquisition) {
            Runnable cancelTimer = waiting.remove(acquisition);
            if (cancelTimer != null) {
                cancelTimer.run();
            }
            endIfEmpty();
        }

        private boolean endIfEmpty() {
            if (!waiting.isEmpty() || asking != null) {
                return false;
            }
            cancelPoll.run();
            queues.remove(key);
            servers.ignore(key);
            return true;
        }

        void wake() {
            if (asking == null) {
                ask();
            } else {
                // The request that is under way may have come before the release.
                again = true;
            }
        }

        private void ask() {
            cancelPoll.run();
            again = false;
            asking = waiting.keySet().iterator().next();
            servers.listen(key);
            Acquisition first = asking;
            attempts.attempt(first).thenAccept(attempt -> loop.execute(() -> answered(first, attempt)));
        }

        private void answered(Acquisition first, Attempt attempt) {
            asking = null;
            if (attempts.take(first, attempt)) {
                leave(first);
            } else if (waiting.containsKey(first)) {
                watchTimeAgain(first);
            }
            if (waiting.isEmpty()) {
                endIfEmpty();
            } else if (again) {
                ask();
            } else {
                askLater(attempt);
            }
        }

        /** Its timer may have come while it was asking. */
        private void watchTimeAgain(Acquisition acquisition) {
            waiting.get(acquisition).run();
            boolean isLate = loop.nanoTime() - acquisition.waitUntilNanos() >= 0;
            watchTime(acquisition, isLate ? acquisition.failAtNanos() : acquisition.waitUntilNanos());
        }

        private void askLater(Attempt last) {
            failures = last instanceof Attempt.Failed ? failures + 1 : 0;
            cancelPoll.run();
            cancelPoll = loop.schedule(pauseNanos(last), this::ask);
        }

        private long pauseNanos(Attempt last) {
            if (last instanceof Attempt.Busy busy) {
                return busy.againNanos();
            }
            if (last instanceof Attempt.Granted granted) {
                return Math.min(pollNanos, granted.holding().ttl().toNanos());
            }
            long full = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(failures - 1, 10));
            return TimeUnit.MILLISECONDS.toNanos(ThreadLocalRandom.current().nextLong(full / 2, full + 1));
        }
    }
}
