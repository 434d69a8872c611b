package io.balsa.server.demo;

import io.balsa.lock.DistributedLock;
import io.balsa.lock.LockLease;
import io.balsa.lock.NativeLock;
import io.balsa.raft.client.RequestException;
import io.balsa.statemachine.session.Session;
import io.balsa.statemachine.session.SessionExpiredException;
import io.balsa.statemachine.session.SessionOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Clients that take turns at one lock; each round acquires it, reads the counter in the file, writes the counter and its
 * token, and releases. Each has a session and a connection of its own.
 */
final class Workers implements AutoCloseable {
    private static final String LOCK = "demo/counter";
    private static final Duration LOCK_TTL = Duration.ofSeconds(5);
    private static final Duration LOCK_WAIT = Duration.ofSeconds(10);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);

    private final String addresses;
    private final Path file;
    private final List<Thread> threads = new ArrayList<>();
    private final CountDownLatch running;
    private final AtomicIntegerArray roundsOfWorker;
    private final AtomicLong rounds = new AtomicLong();
    private final AtomicLong abandonedRounds = new AtomicLong();
    private final AtomicLong staleTokens = new AtomicLong();
    private final AtomicLong failedRequests = new AtomicLong();
    private final AtomicReference<String> lastFailure = new AtomicReference<>("");
    private final Histogram roundMicros = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(1), 3);
    private volatile boolean stopping;

    Workers(int count, String addresses, Path file) {
        this.addresses = addresses;
        this.file = file;
        running = new CountDownLatch(count);
        roundsOfWorker = new AtomicIntegerArray(count);
        for (int i = 0; i < count; i++) {
            int worker = i;
            threads.add(new Thread(() -> work(worker), nameOf(worker)));
        }
    }

    void start() {
        threads.forEach(Thread::start);
    }

    /** How many workers have written to the file since the last call: all of them, if none is stuck. */
    int activeSinceLastCall() {
        int active = 0;
        for (int i = 0; i < roundsOfWorker.length(); i++) {
            active += roundsOfWorker.getAndSet(i, 0) > 0 ? 1 : 0;
        }
        return active;
    }

    /** Rounds that wrote to the file. */
    long rounds() {
        return rounds.get();
    }

    /** Rounds given up before writing because the lock was not certain any more: how it should be. */
    long abandonedRounds() {
        return abandonedRounds.get();
    }

    /** Rounds in which the file held the token of a later holder: none, if tokens grow. */
    long staleTokens() {
        return staleTokens.get();
    }

    /** Requests that failed or timed out; the worker then tried again. */
    long failedRequests() {
        return failedRequests.get();
    }

    String lastFailure() {
        return lastFailure.get();
    }

    /** Microseconds of acquire and release together, waiting for the others included. */
    Histogram roundMicros() {
        return roundMicros;
    }

    /** Lets every worker finish its round. */
    void stop() throws InterruptedException {
        stopping = true;
        if (!running.await(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new DemoFailure("a worker did not finish its round within " + STOP_TIMEOUT.toSeconds() + " s");
        }
    }

    @Override
    public void close() {
        stopping = true;
        threads.forEach(Thread::interrupt);
    }

    private static String nameOf(int worker) {
        return "demo-worker-" + (worker + 1);
    }

    private void work(int worker) {
        try (GuardedCounter counter = GuardedCounter.open(file)) {
            while (!stopping) {
                workInOneSession(worker, counter);
            }
        } catch (IOException | RuntimeException e) {
            failed(e);
        } finally {
            running.countDown();
        }
    }

    /** A session that is lost does not come back; the worker goes on in another. */
    private void workInOneSession(int worker, GuardedCounter counter) throws IOException {
        SessionOptions options =
                SessionOptions.builder().clientName(nameOf(worker)).build();
        try (Session session = Session.connect(addresses, options)) {
            DistributedLock locks = NativeLock.on(session);
            while (!stopping) {
                round(worker, locks, counter);
            }
        } catch (RequestException e) {
            failed(e);
        }
    }

    private void round(int worker, DistributedLock locks, GuardedCounter counter) throws IOException {
        try {
            long began = System.nanoTime();
            Optional<LockLease> acquired = locks.tryAcquire(LOCK, LOCK_TTL, LOCK_WAIT);
            if (acquired.isEmpty()) {
                return;
            }
            long acquireNanos = System.nanoTime() - began;
            LockLease lease = acquired.get();
            boolean written = increment(lease, counter);
            long releaseBegan = System.nanoTime();
            lease.release();
            if (written) {
                roundsOfWorker.incrementAndGet(worker);
                record(acquireNanos + System.nanoTime() - releaseBegan);
            }
        } catch (SessionExpiredException e) {
            throw e;
        } catch (RequestException e) {
            failed(e);
        }
    }

    private void record(long nanos) {
        long micros = TimeUnit.NANOSECONDS.toMicros(nanos);
        roundMicros.recordValue(Math.min(micros, roundMicros.getHighestTrackableValue()));
    }

    private boolean increment(LockLease lease, GuardedCounter counter) throws IOException {
        GuardedCounter.Content content = counter.read();
        if (!lease.isValid()) {
            abandonedRounds.incrementAndGet();
            return false;
        }
        if (lease.token() <= content.token()) {
            staleTokens.incrementAndGet();
            return false;
        }
        counter.write(new GuardedCounter.Content(content.counter() + 1, lease.token()));
        rounds.incrementAndGet();
        return true;
    }

    private void failed(Exception e) {
        if (!stopping) {
            failedRequests.incrementAndGet();
            lastFailure.set(e.toString());
        }
    }
}
