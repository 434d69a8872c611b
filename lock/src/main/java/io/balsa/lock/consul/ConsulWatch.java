package io.balsa.lock.consul;

import java.math.BigInteger;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;

/**
 * Waits by blocking queries until locks may be free. A few locks have a query each, which wakes exactly when it must; since
 * each query has a connection, of which an agent grants a client some hundreds, and a thread of the network's, the others
 * share one query for everything under the prefix. Thread-safe.
 */
// What is waited for here completes by itself, and ends in what depends on it.
@SuppressWarnings("FutureReturnValueIgnored")
final class ConsulWatch {
    /** How many locks have a query of their own. */
    static final int OWN_QUERIES = 16;

    /** Between two answers to the shared query, which carry all locks that are held. */
    private static final Duration BETWEEN_SHARED = Duration.ofMillis(100);

    private final ConsulRequests requests;
    private final ConsulThreads threads;
    private final Semaphore own = new Semaphore(OWN_QUERIES);

    /** Who waits by the shared query, by their key. */
    private final Map<String, CompletableFuture<Void>> sharing = new ConcurrentHashMap<>();

    private boolean sharedRuns;

    ConsulWatch(ConsulRequests requests, ConsulThreads threads) {
        this.requests = requests;
        this.threads = threads;
    }

    /**
     * Waits until a key that was read as held may be free, or some time is over. At most one at a time waits for a key.
     *
     * @param index that it was read with
     * @return completes on a thread that must not be kept; fails when Consul can't be reached
     */
    CompletableFuture<Void> await(String key, BigInteger index) {
        CompletableFuture<Void> woken = new CompletableFuture<>();
        if (own.tryAcquire()) {
            woken.whenComplete((done, failure) -> own.release());
            requests.awaitChange(key, index, (state, failure) -> complete(woken, failure));
        } else {
            share(key, woken);
        }
        return woken;
    }

    private static void complete(CompletableFuture<Void> woken, Throwable failure) {
        if (failure == null) {
            woken.complete(null);
        } else {
            woken.completeExceptionally(failure);
        }
    }

    private void share(String key, CompletableFuture<Void> woken) {
        sharing.put(key, woken);
        boolean starts;
        synchronized (this) {
            starts = !sharedRuns;
            sharedRuns = true;
        }
        if (starts) {
            // The first answer comes at once: it shows what changed since the key was read.
            query(BigInteger.ZERO);
        } else {
            recheck(key, woken);
        }
    }

    /** The query that runs reports only what changes from now on: what changed between the reading of the key and now is looked up. */
    private void recheck(String key, CompletableFuture<Void> woken) {
        execute(threads.acquiring(), () -> {
            try {
                if (requests.read(key).session().isEmpty()) {
                    wake(key, woken, null);
                }
            } catch (RuntimeException e) {
                wake(key, woken, e);
            }
        });
    }

    private void wake(String key, CompletableFuture<Void> woken, Throwable failure) {
        if (sharing.remove(key, woken)) {
            complete(woken, failure);
        }
    }

    private void query(BigInteger index) {
        requests.awaitAnyChange(index, (held, failure) -> {
            sharing.forEach((key, woken) -> {
                if (failure != null || !held.keys().contains(key)) {
                    wake(key, woken, failure);
                }
            });
            boolean last = failure != null;
            // An index that goes backwards, as when the servers were restored from a snapshot, says nothing: all is
            // read anew.
            BigInteger next = last || held.index().compareTo(index) < 0 ? BigInteger.ZERO : held.index();
            if (!last) {
                synchronized (this) {
                    last = sharing.isEmpty();
                    sharedRuns = !last;
                }
            }
            if (failure != null) {
                stopSharing(failure);
            } else if (!last) {
                again(next);
            }
        });
    }

    private void again(BigInteger index) {
        try {
            threads.after(BETWEEN_SHARED, () -> query(index));
        } catch (RejectedExecutionException e) {
            stopSharing(e);
        }
    }

    /** Whoever came since is woken too: it reads its key again and finds what is wrong. */
    private void stopSharing(Throwable failure) {
        synchronized (this) {
            sharedRuns = false;
        }
        sharing.forEach((key, woken) -> wake(key, woken, failure));
    }

    private static void execute(Executor executor, Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            // Closed: whoever waits is told by that.
        }
    }
}
