package io.balsa.raft.adapter;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One thread that delivers for any number of {@link LocalTransport}s, one message at a time, in turns. */
final class LocalCourier implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalCourier.class);
    private static final long CLOSE_TIMEOUT_MILLIS = 5_000;

    // Each transport is in it once at most.
    private final BlockingQueue<Runnable> turns = new LinkedBlockingQueue<>();
    private final Thread thread;
    private volatile boolean closed;

    LocalCourier(String owner) {
        thread = new Thread(this::run, "balsa-local-" + owner);
        thread.setDaemon(true);
        thread.start();
    }

    /** Gives someone a turn after those that wait already. */
    void giveTurn(Runnable turn) {
        turns.add(turn);
    }

    private void run() {
        while (!closed) {
            try {
                turns.take().run();
            } catch (InterruptedException e) {
                // Only a receiver may have had it interrupted; the thread ends by the flag.
                LOG.debug("a thread that delivers was interrupted, and goes on", e);
            }
        }
    }

    /** Ends the thread, and waits for it unless called on it. */
    @Override
    public void close() {
        closed = true;
        turns.add(() -> {});
        if (thread != Thread.currentThread()) {
            try {
                thread.join(CLOSE_TIMEOUT_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
