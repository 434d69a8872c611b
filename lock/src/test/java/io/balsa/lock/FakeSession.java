package io.balsa.lock;

import io.balsa.raft.client.RequestException;
import io.balsa.statemachine.session.Barriers;
import io.balsa.statemachine.session.Counters;
import io.balsa.statemachine.session.KeyValues;
import io.balsa.statemachine.session.LockGrant;
import io.balsa.statemachine.session.LockId;
import io.balsa.statemachine.session.LockInfo;
import io.balsa.statemachine.session.LockListener;
import io.balsa.statemachine.session.LockRequest;
import io.balsa.statemachine.session.LockWatch;
import io.balsa.statemachine.session.Locks;
import io.balsa.statemachine.session.Registration;
import io.balsa.statemachine.session.Services;
import io.balsa.statemachine.session.Session;
import io.balsa.statemachine.session.SessionListener;
import io.balsa.statemachine.session.SessionOptions;
import io.balsa.statemachine.session.SessionState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A session without a cluster: a test answers its requests, when and as it likes. */
final class FakeSession implements Session, Locks {
    /** A renewal that waits for its answer. */
    record Renewal(LockId id, Duration ttl, long sentNanos, CompletableFuture<Optional<LockGrant>> answer) {
        void grant() {
            answer.complete(Optional.of(new LockGrant(id, ttl, sentNanos)));
        }
    }

    final List<Renewal> renewals = new ArrayList<>();
    final List<LockId> released = new ArrayList<>();
    final List<CompletableFuture<Boolean>> releases = new ArrayList<>();
    private final LeaseTimer timer;
    private final List<SessionListener> listeners = new ArrayList<>();
    private SessionState state = SessionState.CONNECTED;
    private Duration remaining = Duration.ofHours(1);
    private long lastToken;
    private boolean grantsRenewals;
    private boolean holdsAcquisitionsBack;
    private RequestException acquisitionFailure;
    private IllegalArgumentException renewalRefusal;
    private int acquisitions;
    private final List<Runnable> onAcquisition = new ArrayList<>();
    private final List<Runnable> heldBack = new ArrayList<>();

    FakeSession(LeaseTimer timer) {
        this.timer = timer;
    }

    void become(SessionState newState) {
        state = newState;
        if (newState.isFinal()) {
            remaining = Duration.ZERO;
        }
        List.copyOf(listeners).forEach(listener -> listener.onStateChanged(newState));
    }

    /** From now on renewals are answered at once. */
    void grantsRenewals() {
        grantsRenewals = true;
    }

    /** From now on acquisitions are not answered. */
    void holdsAcquisitionsBack() {
        holdsAcquisitionsBack = true;
    }

    /** Grants all acquisitions that were not answered, and those to come. */
    void grantHeldBack() {
        holdsAcquisitionsBack = false;
        heldBack.forEach(Runnable::run);
        heldBack.clear();
    }

    /** From now on acquisitions fail; null: no more. */
    void failsAcquisitions(RequestException failure) {
        acquisitionFailure = failure;
    }

    /** From now on renewals are refused at once. */
    void refusesRenewals(IllegalArgumentException refusal) {
        renewalRefusal = refusal;
    }

    /** Adds what happens at an acquisition: the first that is added at the next one, the second at that after it. */
    void onNextAcquisition(Runnable action) {
        onAcquisition.add(action);
    }

    /** How often a lock was asked for. */
    int acquisitions() {
        return acquisitions;
    }

    int listeners() {
        return listeners.size();
    }

    void remaining(Duration newRemaining) {
        remaining = newRemaining;
    }

    @Override
    public Optional<LockGrant> acquire(LockRequest request) {
        lastToken++;
        return Optional.of(
                new LockGrant(new LockId(request.name(), 1, lastToken, lastToken), request.ttl(), timer.nanoTime()));
    }

    @Override
    public CompletableFuture<Optional<LockGrant>> acquireAsync(LockRequest request) {
        acquisitions++;
        if (acquisitionFailure != null) {
            return CompletableFuture.failedFuture(acquisitionFailure);
        }
        CompletableFuture<Optional<LockGrant>> answer = new CompletableFuture<>();
        heldBack.add(() -> answer.complete(acquire(request)));
        if (!onAcquisition.isEmpty()) {
            onAcquisition.remove(0).run();
        }
        if (!holdsAcquisitionsBack) {
            grantHeldBack();
        }
        return answer;
    }

    @Override
    public Optional<LockGrant> renew(LockId id, Duration ttl) {
        return Optional.of(new LockGrant(id, ttl, timer.nanoTime()));
    }

    @Override
    public CompletableFuture<Optional<LockGrant>> renewAsync(LockId id, Duration ttl) {
        if (renewalRefusal != null) {
            throw renewalRefusal;
        }
        Renewal renewal = new Renewal(id, ttl, timer.nanoTime(), new CompletableFuture<>());
        renewals.add(renewal);
        if (grantsRenewals) {
            renewal.grant();
        }
        return renewal.answer();
    }

    @Override
    public boolean release(LockId id) {
        return releaseAsync(id).join();
    }

    @Override
    public CompletableFuture<Boolean> releaseAsync(LockId id) {
        released.add(id);
        return releases.isEmpty() ? CompletableFuture.completedFuture(true) : releases.remove(0);
    }

    @Override
    public LockInfo show(String name) {
        return LockInfo.free(name);
    }

    @Override
    public CompletableFuture<LockInfo> showAsync(String name) {
        return CompletableFuture.completedFuture(show(name));
    }

    @Override
    public List<LockInfo> list(String prefix) {
        return List.of();
    }

    @Override
    public CompletableFuture<List<LockInfo>> listAsync(String prefix) {
        return CompletableFuture.completedFuture(list(prefix));
    }

    @Override
    public LockWatch watch(String name, LockListener listener) {
        throw new UnsupportedOperationException("no test watches a lock here");
    }

    @Override
    public long id() {
        return 1;
    }

    @Override
    public SessionOptions options() {
        return SessionOptions.defaults();
    }

    @Override
    public SessionState state() {
        return state;
    }

    @Override
    public long lastSeenIndex() {
        return 0;
    }

    @Override
    public Duration remaining() {
        return remaining;
    }

    @Override
    public Locks locks() {
        return this;
    }

    @Override
    public Services services() {
        throw new UnsupportedOperationException("locks need no services");
    }

    @Override
    public KeyValues keyValues() {
        throw new UnsupportedOperationException("locks need no key-values");
    }

    @Override
    public Counters counters() {
        throw new UnsupportedOperationException("locks need no counters");
    }

    @Override
    public Counters latches() {
        throw new UnsupportedOperationException("locks need no latches");
    }

    @Override
    public Barriers barriers() {
        throw new UnsupportedOperationException("locks need no barriers");
    }

    @Override
    public Registration addListener(SessionListener listener) {
        listeners.add(listener);
        listener.onStateChanged(state);
        return () -> listeners.remove(listener);
    }

    @Override
    public void detach() {
        become(SessionState.CLOSED);
    }

    @Override
    public CompletableFuture<Void> closeAsync() {
        close();
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {
        become(SessionState.CLOSED);
    }
}
