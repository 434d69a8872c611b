package io.balsa.lock.consul;

import io.balsa.raft.client.NotAppliedException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;

/**
 * Who waits in this process, for each lock in the order of arrival. Only the first of each lock asks Consul, and waits at
 * Consul: a lock that becomes free wakes one of each process and not everybody. Thread-safe.
 */
// What a blocking query ends with, the next attempt finds by itself.
@SuppressWarnings("FutureReturnValueIgnored")
final class ConsulQueue {
    /** After a lock was free and could not be had, longer each time: a lock delay lasts for seconds, and says nothing when it ends. */
    private static final Duration FIRST_PAUSE = Duration.ofMillis(20);

    private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

    /** Between two blocking queries for one lock, should they return at once for ever. */
    private static final Duration BETWEEN_QUERIES = Duration.ofMillis(10);

    private final ConsulThreads threads;
    private final ConsulWatch watch;
    private final Map<String, Line> lines = new HashMap<>();

    /** Who waits for one lock. Guarded by the map of all. */
    private static final class Line {
        private final Deque<ConsulAcquisition> waiting = new ArrayDeque<>();
        private Duration pause = FIRST_PAUSE;
        private long lastQueryNanos = System.nanoTime() - BETWEEN_QUERIES.toNanos();
    }

    ConsulQueue(ConsulThreads threads, ConsulWatch watch) {
        this.threads = threads;
        this.watch = watch;
    }

    /** Lets it wait for its turn. */
    void join(ConsulAcquisition acquisition) {
        String key = acquisition.key();
        synchronized (lines) {
            Line line = lines.get(key);
            if (line != null) {
                line.waiting.add(acquisition);
                acquisition.queued();
                return;
            }
            line = new Line();
            line.waiting.add(acquisition);
            lines.put(key, line);
        }
        next(key);
    }

    /** It is over and waits no more. */
    void leave(ConsulAcquisition acquisition) {
        synchronized (lines) {
            Line line = lines.get(acquisition.key());
            if (line != null) {
                line.waiting.remove(acquisition);
            }
        }
    }

    /** All who wait. */
    List<ConsulAcquisition> waiting() {
        synchronized (lines) {
            return lines.values().stream()
                    .flatMap(line -> line.waiting.stream())
                    .toList();
        }
    }

    private void next(String key) {
        try {
            threads.acquiring().execute(() -> turn(key));
        } catch (RejectedExecutionException e) {
            dissolve(key);
        }
    }

    private void nextAfter(Duration pause, String key) {
        try {
            threads.after(pause, () -> next(key));
        } catch (RejectedExecutionException e) {
            dissolve(key);
        }
    }

    private void dissolve(String key) {
        Line line;
        synchronized (lines) {
            line = lines.remove(key);
        }
        line.waiting.forEach(acquisition -> acquisition.fail(
                new NotAppliedException("the locks of Consul are closed, or too many requests wait; try later")));
    }

    private void turn(String key) {
        ConsulAcquisition first;
        synchronized (lines) {
            first = lines.get(key).waiting.peek();
            if (first == null) {
                lines.remove(key);
                return;
            }
        }
        ConsulAcquisition.Turn turn = first.attempt();
        if (turn instanceof ConsulAcquisition.Turn.Done) {
            leave(first);
            next(key);
        } else if (turn instanceof ConsulAcquisition.Turn.Held held) {
            awaitFree(key, held);
        } else {
            nextAfter(longerPause(key), key);
        }
    }

    private Duration longerPause(String key) {
        synchronized (lines) {
            Line line = lines.get(key);
            Duration pause = line.pause;
            Duration twice = pause.multipliedBy(2);
            line.pause = twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
            return pause;
        }
    }

    private void awaitFree(String key, ConsulAcquisition.Turn.Held held) {
        long now = System.nanoTime();
        synchronized (lines) {
            Line line = lines.get(key);
            line.pause = FIRST_PAUSE;
            long sinceLast = now - line.lastQueryNanos;
            if (sinceLast < BETWEEN_QUERIES.toNanos()) {
                nextAfter(BETWEEN_QUERIES.minusNanos(sinceLast), key);
                return;
            }
            line.lastQueryNanos = now;
        }
        watch.await(key, held.index()).whenComplete((free, failure) -> {
            if (failure == null) {
                next(key);
            } else {
                nextAfter(LONGEST_PAUSE, key);
            }
        });
    }
}
