package io.balsa.statemachine.session;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/** Writes the latest health of an instance, at most once in an interval. */
final class DampedHealth implements ServiceHealth, ClientSession.Dependent {
    private final SessionRuntime runtime;
    private final Function<ServiceInstance, CompletableFuture<?>> register;
    private final Consumer<DampedHealth> onClose;
    private final ServiceInstance instance;
    private final long intervalNanos;

    // Guarded by this.
    private ServiceStatus written;
    private ServiceStatus latest;
    private long nextNanos;
    private boolean isWaiting;
    private boolean isClosed;

    /**
     * @param register writes an instance
     * @param onClose called when there will be no more
     * @param instance as it is registered
     */
    DampedHealth(
            SessionRuntime runtime,
            Function<ServiceInstance, CompletableFuture<?>> register,
            Consumer<DampedHealth> onClose,
            ServiceInstance instance,
            Duration interval) {
        if (interval.toMillis() <= 0) {
            throw new IllegalArgumentException("the interval must be at least 1 ms, not " + interval);
        }
        this.runtime = runtime;
        this.register = register;
        this.onClose = onClose;
        this.instance = instance;
        this.intervalNanos = interval.toNanos();
        this.written = instance.status();
        this.latest = written;
        this.nextNanos = runtime.nanoTime();
    }

    @Override
    public synchronized void report(ServiceStatus status) {
        latest = Objects.requireNonNull(status, "status");
        if (!isWaiting) {
            writeWhenDue();
        }
    }

    // What becomes of the write is told to wrote(), which cannot fail.
    @SuppressWarnings("FutureReturnValueIgnored")
    private synchronized void writeWhenDue() {
        isWaiting = false;
        if (isClosed || latest == written) {
            return;
        }
        isWaiting = true;
        long delayNanos = nextNanos - runtime.nanoTime();
        if (delayNanos > 0) {
            runtime.schedule(delayNanos, this::writeWhenDue);
            return;
        }
        // Failures count like successes: a cluster in trouble must not be asked all the more often.
        nextNanos = runtime.nanoTime() + intervalNanos;
        ServiceStatus writing = latest;
        register.apply(instance.withStatus(writing)).whenComplete((index, failure) -> wrote(writing, failure == null));
    }

    private synchronized void wrote(ServiceStatus status, boolean isWritten) {
        if (isWritten) {
            written = status;
        }
        writeWhenDue();
    }

    @Override
    public void sessionEnded() {
        synchronized (this) {
            isClosed = true;
        }
    }

    @Override
    public void close() {
        sessionEnded();
        onClose.accept(this);
    }
}
