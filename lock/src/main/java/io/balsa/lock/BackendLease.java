package io.balsa.lock;

import io.balsa.lock.backend.Holding;
import io.balsa.lock.backend.LockBackend;
import io.balsa.raft.client.RequestException;
import io.balsa.statemachine.session.Registration;
import io.balsa.statemachine.session.SessionExpiredException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lock that is held, judged by this process's monotonic clock.
 *
 * <p>It is valid until its TTL is over, counted from before the request was sent that granted or last renewed it, less a
 * margin for drift; and not beyond what it is bound to, such as a session. When that time comes it is lost, whether the
 * backend can be reached or not.
 */
// A renewal that fails is tried again, and one that keeps failing ends in the loss of the lease.
@SuppressWarnings("FutureReturnValueIgnored")
final class BackendLease implements LockLease {
    private static final Logger LOG = LoggerFactory.getLogger(BackendLease.class);

    /** It renews itself after this part of the TTL that is wanted, */
    private static final int RENEW_DIVISOR = 3;

    /** and, when that failed, after this part again. */
    private static final int AGAIN_DIVISOR = 12;

    private static final String BOND_ENDED = "its session ended";

    private final LockBackend backend;
    private final LeaseTimer timer;
    private final boolean autoRenew;
    private final LockMeter meter;
    private final Consumer<BackendLease> onEnd;
    private final List<Listener> listeners = new ArrayList<>();
    private final long beganNanos;

    private Holding holding;

    /** For later automatic renewals: what was asked for last. The holding may be longer, since no renewal shortens it. */
    private Duration wantedTtl;

    private long wantedNanos;
    private Registration followed = () -> {};
    private State state = State.HELD;
    private Runnable cancelExpiry = () -> {};
    private Runnable cancelRenewal = () -> {};
    private CompletableFuture<Boolean> releasing;

    /** Told apart by identity: the same action may be added twice and taken away once. */
    private static final class Listener {
        private final Runnable action;

        Listener(Runnable action) {
            this.action = action;
        }
    }

    private enum State {
        HELD,
        LOST,
        RELEASED
    }

    /** @param onEnd told when it is lost or released */
    BackendLease(
            LockBackend backend,
            LeaseTimer timer,
            boolean autoRenew,
            LockMeter meter,
            Holding holding,
            Consumer<BackendLease> onEnd) {
        this.backend = backend;
        this.timer = timer;
        this.autoRenew = autoRenew;
        this.meter = meter;
        this.holding = holding;
        this.wantedTtl = holding.ttl();
        this.wantedNanos = holding.sentNanos();
        this.beganNanos = timer.nanoTime();
        this.onEnd = onEnd;
    }

    /** Begins to renew it, to watch its time and to follow what it is bound to. */
    void start() {
        synchronized (this) {
            if (state == State.HELD) {
                watchOver();
            }
        }
        // Not where it is told: the backend may be locked there.
        Registration registration =
                backend.onEnd(holding(), () -> timer.listeners().execute(() -> lose(BOND_ENDED)));
        synchronized (this) {
            if (state == State.HELD) {
                followed = registration;
                return;
            }
        }
        registration.close();
    }

    /** Lets go of the backend: a lease that is over must not grow its list of listeners. */
    private void ended() {
        Registration registration;
        synchronized (this) {
            registration = followed;
            followed = () -> {};
        }
        registration.close();
        meter.ended(timer.nanoTime() - beganNanos);
        onEnd.accept(this);
    }

    @Override
    public String key() {
        return holding().key();
    }

    @Override
    public long token() {
        if (!backend.capabilities().contains(Capability.FENCING)) {
            throw new UnsupportedCapabilityException(backend.name(), Capability.FENCING);
        }
        return holding().token();
    }

    @Override
    public String id() {
        return holding().id();
    }

    private synchronized Holding holding() {
        return holding;
    }

    @Override
    public boolean isValid() {
        return !remaining().isZero();
    }

    @Override
    public synchronized Duration remaining() {
        if (state != State.HELD) {
            return Duration.ZERO;
        }
        long now = timer.nanoTime();
        Duration ofLock = Duration.ofNanos(Math.max(0, holding.validUntilNanos() - now));
        Duration ofBond = backend.remaining(holding);
        return ofLock.compareTo(ofBond) < 0 ? ofLock : ofBond;
    }

    @Override
    public synchronized Duration renewed() {
        return Duration.ofNanos(timer.nanoTime() - holding.sentNanos());
    }

    @Override
    public boolean renew(Duration ttl) {
        return Futures.join(beginRenewal(ttl, true));
    }

    @Override
    public CompletableFuture<Boolean> renewAsync(Duration ttl) {
        return Futures.handOver(beginRenewal(ttl, true), timer.callers());
    }

    private CompletableFuture<Boolean> beginRenewal(Duration ttl, boolean wanted) {
        if (!isHeld()) {
            return CompletableFuture.completedFuture(false);
        }
        return backend.renew(holding(), ttl).handle((renewal, failure) -> {
            if (failure == null) {
                meter.renewed(renewal.isPresent());
                return renewed(renewal, wanted);
            }
            meter.renewed(false);
            RequestException cause = Futures.requestFailure(failure);
            if (cause instanceof SessionExpiredException) {
                lose(BOND_ENDED);
                return false;
            }
            throw cause;
        });
    }

    /**
     * Takes the backend's answer in.
     *
     * @param wanted whether somebody asked for this TTL
     * @return whether it is held now, by this answer
     */
    private boolean renewed(Optional<Holding> renewal, boolean wanted) {
        if (renewal.isEmpty()) {
            lose("it was given to another, or it ran out there");
            return false;
        }
        synchronized (this) {
            Holding newHolding = renewal.get();
            if (state != State.HELD) {
                return false;
            }
            // Two renewals may overtake each other: the one that was sent later says what is wanted.
            if (wanted && newHolding.sentNanos() - wantedNanos >= 0) {
                wantedTtl = newHolding.ttl();
                wantedNanos = newHolding.sentNanos();
            }
            // The later end counts: no renewal brings it nearer.
            if (newHolding.validUntilNanos() - holding.validUntilNanos() > 0) {
                holding = newHolding;
            }
            watchOver();
            return true;
        }
    }

    @Override
    public Registration onLost(Runnable listener) {
        Listener added = new Listener(listener);
        synchronized (this) {
            if (state == State.HELD) {
                listeners.add(added);
                return () -> forget(added);
            }
            if (state == State.RELEASED) {
                return () -> {};
            }
        }
        call(listener);
        return () -> {};
    }

    private synchronized void forget(Listener listener) {
        listeners.remove(listener);
    }

    @Override
    public boolean release() {
        return Futures.join(beginRelease());
    }

    @Override
    public CompletableFuture<Boolean> releaseAsync() {
        return Futures.handOver(beginRelease(), timer.callers());
    }

    /** Releases it; the future completes on a thread of the backend's. */
    CompletableFuture<Boolean> beginRelease() {
        CompletableFuture<Boolean> result = new CompletableFuture<>();
        Holding held;
        boolean again;
        synchronized (this) {
            boolean failedBefore = releasing != null && releasing.isCompletedExceptionally();
            if (state == State.LOST || (state == State.RELEASED && !failedBefore)) {
                return CompletableFuture.completedFuture(false);
            }
            again = state == State.RELEASED;
            state = State.RELEASED;
            listeners.clear();
            stopTimers();
            releasing = result;
            held = holding;
        }
        // Not inside: what follows the answer of another lease's request may run here, and wants to be in that one.
        Futures.pass(() -> backend.release(held), result);
        if (!again) {
            ended();
        }
        return result;
    }

    @Override
    public void close() {
        try {
            release();
        } catch (RequestException e) {
            LOG.warn(
                    "lock '{}' could not be released: {}; it runs out by itself within {}",
                    key(),
                    e.getMessage(),
                    holding().ttl());
        }
    }

    /** This process was granted the lock anew, so this holding is over: somebody else released it by its id. */
    void superseded() {
        lose("it was granted anew");
    }

    private synchronized boolean isHeld() {
        return state == State.HELD;
    }

    private void watchOver() {
        stopTimers();
        cancelExpiry = timer.schedule(holding.validUntilNanos() - timer.nanoTime(), this::expire);
        if (autoRenew) {
            // A holding that is longer than what is wanted is left to run until that would put its end off.
            long wanted = wantedTtl.toNanos();
            long renewNanos = holding.sentNanos() + holding.ttl().toNanos() - wanted + wanted / RENEW_DIVISOR;
            cancelRenewal = timer.schedule(renewNanos - timer.nanoTime(), this::renewByItself);
        }
    }

    private void stopTimers() {
        cancelExpiry.run();
        cancelRenewal.run();
    }

    private void expire() {
        synchronized (this) {
            long rest = holding.validUntilNanos() - timer.nanoTime();
            if (rest > 0) {
                // Renewed while this was on its way.
                return;
            }
        }
        if (lose("it ran out without being renewed in time")) {
            backend.lapsed(holding());
        }
    }

    private void renewByItself() {
        Duration ttl;
        synchronized (this) {
            if (state != State.HELD) {
                return;
            }
            ttl = wantedTtl;
        }
        beginRenewal(ttl, false).whenComplete((held, failure) -> {
            if (failure != null) {
                LOG.debug("lock '{}' could not be renewed yet: {}", key(), failure.getMessage());
                synchronized (this) {
                    if (state == State.HELD) {
                        cancelRenewal.run();
                        cancelRenewal = timer.schedule(ttl.toNanos() / AGAIN_DIVISOR, this::renewByItself);
                    }
                }
            }
        });
    }

    /** @return whether it was held until now */
    private boolean lose(String reason) {
        List<Listener> told;
        synchronized (this) {
            if (state != State.HELD) {
                return false;
            }
            state = State.LOST;
            stopTimers();
            told = List.copyOf(listeners);
            listeners.clear();
        }
        LOG.warn("lock '{}' is lost, held as {}: {}", key(), id(), reason);
        meter.lost();
        ended();
        told.forEach(listener -> call(listener.action));
        return true;
    }

    private void call(Runnable listener) {
        timer.listeners().execute(() -> {
            try {
                listener.run();
            } catch (RuntimeException e) {
                LOG.error("a listener for the loss of lock '{}' failed", key(), e);
            }
        });
    }

    @Override
    public String toString() {
        return id();
    }
}
