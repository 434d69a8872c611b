package io.balsa.lock;

import io.balsa.raft.client.RequestException;
import io.balsa.statemachine.session.LockGrant;
import io.balsa.statemachine.session.Registration;
import io.balsa.statemachine.session.Session;
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
 * A lock of a Balsa cluster that is held, judged by this process's monotonic clock.
 *
 * <p>It is valid until its TTL is over, counted from before the request was sent that granted or last renewed it, less the
 * margin of {@link LockGrant#DRIFT_DIVISOR}; and not beyond its session. When that time comes it is lost, whether the
 * cluster can be reached or not.
 */
// A renewal that fails is tried again, and one that keeps failing ends in the loss of the lease.
@SuppressWarnings("FutureReturnValueIgnored")
final class NativeLease implements LockLease {
    private static final Logger LOG = LoggerFactory.getLogger(NativeLease.class);

    /** It renews itself after this part of the TTL that is wanted, */
    private static final int RENEW_DIVISOR = 3;

    /** and, when that failed, after this part again. */
    private static final int AGAIN_DIVISOR = 12;

    private final Session session;
    private final LeaseTimer timer;
    private final boolean autoRenew;
    private final Consumer<NativeLease> onEnd;
    private final List<Runnable> listeners = new ArrayList<>();

    private LockGrant grant;

    /** For later automatic renewals: what was asked for last. The grant may be longer, since no renewal shortens it. */
    private Duration wantedTtl;

    private long wantedNanos;
    private Registration followed = () -> {};
    private State state = State.HELD;
    private Runnable cancelExpiry = () -> {};
    private Runnable cancelRenewal = () -> {};
    private CompletableFuture<Boolean> releasing;

    private enum State {
        HELD,
        LOST,
        RELEASED
    }

    /** @param onEnd told when it is lost or released */
    NativeLease(Session session, LeaseTimer timer, boolean autoRenew, LockGrant grant, Consumer<NativeLease> onEnd) {
        this.session = session;
        this.timer = timer;
        this.autoRenew = autoRenew;
        this.grant = grant;
        this.wantedTtl = grant.ttl();
        this.wantedNanos = grant.sentNanos();
        this.onEnd = onEnd;
    }

    /** Begins to renew it, to watch its time and to follow its session. */
    void start() {
        synchronized (this) {
            watchOver();
        }
        Registration registration = session.addListener(sessionState -> {
            if (sessionState.isFinal()) {
                // Not here: the session may tell this while it is locked.
                timer.listeners().execute(this::sessionEnded);
            }
        });
        synchronized (this) {
            if (state == State.HELD) {
                followed = registration;
                return;
            }
        }
        registration.close();
    }

    /** Lets go of the session: a lease that is over must not grow its list of listeners. */
    private void ended() {
        Registration registration;
        synchronized (this) {
            registration = followed;
            followed = () -> {};
        }
        registration.close();
        onEnd.accept(this);
    }

    @Override
    public String key() {
        return grant().name();
    }

    @Override
    public long token() {
        return grant().token();
    }

    @Override
    public String id() {
        return grant().id().toString();
    }

    private synchronized LockGrant grant() {
        return grant;
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
        Duration ofLock = grant.remaining(timer.nanoTime());
        Duration ofSession = session.remaining();
        return ofLock.compareTo(ofSession) < 0 ? ofLock : ofSession;
    }

    @Override
    public boolean renew(Duration ttl) {
        if (!isHeld()) {
            return false;
        }
        try {
            return renewed(session.locks().renew(grant().id(), ttl), true);
        } catch (SessionExpiredException e) {
            lose("its session ended");
            return false;
        }
    }

    @Override
    public CompletableFuture<Boolean> renewAsync(Duration ttl) {
        return renewAsync(ttl, true);
    }

    private CompletableFuture<Boolean> renewAsync(Duration ttl, boolean wanted) {
        if (!isHeld()) {
            return CompletableFuture.completedFuture(false);
        }
        return session.locks().renewAsync(grant().id(), ttl).handle((renewal, failure) -> {
            if (failure == null) {
                return renewed(renewal, wanted);
            }
            RequestException cause = Futures.requestFailure(failure);
            if (cause instanceof SessionExpiredException) {
                lose("its session ended");
                return false;
            }
            throw cause;
        });
    }

    /**
     * Takes the cluster's answer in.
     *
     * @param wanted whether somebody asked for this TTL
     * @return whether it is held now, by this answer
     */
    private boolean renewed(Optional<LockGrant> renewal, boolean wanted) {
        if (renewal.isEmpty()) {
            lose("the cluster gave it to another, or it ran out there");
            return false;
        }
        synchronized (this) {
            LockGrant newGrant = renewal.get();
            if (state != State.HELD) {
                return false;
            }
            // Two renewals may overtake each other: the one that was sent later says what is wanted.
            if (wanted && newGrant.sentNanos() - wantedNanos >= 0) {
                wantedTtl = newGrant.ttl();
                wantedNanos = newGrant.sentNanos();
            }
            // And the cluster never brings the end nearer: the later end counts.
            if (newGrant.validUntilNanos() - grant.validUntilNanos() > 0) {
                grant = newGrant;
            }
            watchOver();
            return true;
        }
    }

    @Override
    public void onLost(Runnable listener) {
        synchronized (this) {
            if (state == State.HELD) {
                listeners.add(listener);
                return;
            }
            if (state == State.RELEASED) {
                return;
            }
        }
        call(listener);
    }

    @Override
    public boolean release() {
        return Futures.join(releaseAsync());
    }

    @Override
    public CompletableFuture<Boolean> releaseAsync() {
        CompletableFuture<Boolean> result;
        synchronized (this) {
            boolean failedBefore = releasing != null && releasing.isCompletedExceptionally();
            if (state == State.LOST || (state == State.RELEASED && !failedBefore)) {
                return CompletableFuture.completedFuture(false);
            }
            state = State.RELEASED;
            listeners.clear();
            stopTimers();
            releasing = session.locks().releaseAsync(grant.id());
            result = releasing;
        }
        ended();
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
                    grant().ttl());
        }
    }

    /** The session of this lease is over. */
    void sessionEnded() {
        lose("its session ended");
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
        cancelExpiry = timer.schedule(grant.validUntilNanos() - timer.nanoTime(), this::expire);
        if (autoRenew) {
            // A grant that is longer than what is wanted is left to run until that would put its end off.
            long wanted = wantedTtl.toNanos();
            long renewNanos = grant.sentNanos() + grant.ttl().toNanos() - wanted + wanted / RENEW_DIVISOR;
            cancelRenewal = timer.schedule(renewNanos - timer.nanoTime(), this::renewByItself);
        }
    }

    private void stopTimers() {
        cancelExpiry.run();
        cancelRenewal.run();
    }

    private void expire() {
        synchronized (this) {
            long rest = grant.validUntilNanos() - timer.nanoTime();
            if (rest > 0) {
                // Renewed while this was on its way.
                return;
            }
        }
        lose("it ran out without being renewed in time");
    }

    private void renewByItself() {
        Duration ttl;
        synchronized (this) {
            if (state != State.HELD) {
                return;
            }
            ttl = wantedTtl;
        }
        renewAsync(ttl, false).whenComplete((held, failure) -> {
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

    private void lose(String reason) {
        List<Runnable> told;
        synchronized (this) {
            if (state != State.HELD) {
                return;
            }
            state = State.LOST;
            stopTimers();
            told = List.copyOf(listeners);
            listeners.clear();
        }
        LOG.warn("lock '{}' with token {} is lost: {}", key(), token(), reason);
        ended();
        told.forEach(this::call);
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
