package io.balsa.lock.consul;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends sessions that nobody needs any more, in the background, and insists until that is certain or they have run out at
 * Consul by themselves. Thread-safe.
 */
// What is not waited for here ends by itself.
@SuppressWarnings("FutureReturnValueIgnored")
final class ConsulCleaner {
    private static final Logger LOG = LoggerFactory.getLogger(ConsulCleaner.class);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /** Consul ends a session at the latest after its TTL twice. */
    static final int TTLS_UNTIL_END = 2;

    private final ConsulRequests requests;
    private final ConsulThreads threads;
    private final Set<Work> pending = ConcurrentHashMap.newKeySet();
    private volatile boolean insisting = true;

    ConsulCleaner(ConsulRequests requests, ConsulThreads threads) {
        this.requests = requests;
        this.threads = threads;
    }

    /** Ends a session. What it held, if anything, is given to nobody during the lock delay. */
    void destroy(String session, Duration ttl) {
        begin(new Work(Optional.empty(), session, ttl));
    }

    /** Gives a key back, should the session have it, so that it is free at once; then ends the session. */
    void release(String key, String session, Duration ttl) {
        begin(new Work(Optional.of(key), session, ttl));
    }

    private void begin(Work work) {
        pending.add(work);
        work.done.whenComplete((done, failure) -> pending.remove(work));
        work.submit();
    }

    /** Completes when nothing is under way. */
    CompletableFuture<Void> idle() {
        return CompletableFuture.allOf(pending.stream().map(work -> work.done).toArray(CompletableFuture[]::new));
    }

    /** From now on each is tried once. */
    void stopInsisting() {
        insisting = false;
    }

    private final class Work {
        private final Optional<String> key;
        private final String session;
        private final long endNanos;
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private Duration pause = FIRST_PAUSE;

        Work(Optional<String> key, String session, Duration ttl) {
            this.key = key;
            this.session = session;
            endNanos = System.nanoTime() + ttl.multipliedBy(TTLS_UNTIL_END).toNanos();
        }

        void submit() {
            try {
                threads.cleaning().execute(this::attempt);
            } catch (RejectedExecutionException e) {
                giveUp("the locks are closed, or too many requests wait");
            }
        }

        private void attempt() {
            try {
                key.ifPresent(locked -> requests.unlock(locked, session));
                requests.destroySession(session);
                done.complete(null);
            } catch (RuntimeException e) {
                if (!insisting || System.nanoTime() - endNanos >= 0) {
                    giveUp(e.getMessage());
                    return;
                }
                LOG.debug("session {} could not be ended yet: {}", session, e.getMessage());
                try {
                    threads.after(pause, this::submit);
                } catch (RejectedExecutionException closed) {
                    giveUp("the locks are closed");
                }
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            }
        }

        private void giveUp(String reason) {
            LOG.warn("session {} is left to run out at Consul: {}", session, reason);
            done.complete(null);
        }
    }
}
