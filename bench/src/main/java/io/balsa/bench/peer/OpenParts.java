package io.balsa.bench.peer;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * What a group of a peer has opened. Its parts are closed in the reverse order, whatever one of them throws, and are waited for
 * no longer than a limit, since a peer that hangs at its end must not hang the whole run.
 */
final class OpenParts {

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

    private final String product;
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    OpenParts(String product) {
        this.product = product;
    }

    String product() {
        return product;
    }

    void add(AutoCloseable part) {
        parts.push(part);
    }

    void close() {
        RuntimeException failures = new IllegalStateException(product + " could not be closed");
        Thread closer = new Thread(() -> closeAll(failures), "close-" + product);
        closer.setDaemon(true);
        closer.start();
        try {
            TimeUnit.NANOSECONDS.timedJoin(closer, CLOSE_LIMIT.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (closer.isAlive()) {
            throw new IllegalStateException(
                    product + " did not end within " + CLOSE_LIMIT + "; its threads and ports may still be there");
        }
        if (failures.getSuppressed().length > 0) {
            throw failures;
        }
    }

    private void closeAll(RuntimeException failures) {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                failures.addSuppressed(e);
            }
        }
    }
}
