package io.balsa.lock;

import io.balsa.statemachine.session.LockInfo;
import io.balsa.statemachine.session.LockListener;
import io.balsa.statemachine.session.LockRequest;
import io.balsa.statemachine.session.LockWatch;
import io.balsa.statemachine.session.Registration;
import io.balsa.statemachine.session.Session;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Elects one leader among the processes that campaign under a name, and tells observers who leads.
 *
 * <p>An election is a lock of its name, which the leader holds and renews by itself: {@code balsa lock show NAME} shows leader
 * and candidates. Who leads is told by its lease: it is valid no longer than the cluster says, its listener hears of its loss,
 * and its token is the term of office, by which a deposed leader's late writes are refused.
 *
 * <p>Thread-safe. Closing it ends campaigns, resigns, and leaves the session open.
 */
public final class LeaderElection implements AutoCloseable {
    /** The longest that the cluster lets somebody wait; a campaign goes on after it. */
    private static final Duration LONGEST_WAIT = Duration.ofHours(24);

    private final Session session;
    private final String name;
    private final Duration ttl;
    private final LeasingLock locks;

    /**
     * Who leads.
     *
     * @param candidate what it campaigned as
     * @param clientName what its session calls itself
     * @param token its term of office, larger than every earlier one
     */
    public record Leader(String candidate, String clientName, long token) {}

    private LeaderElection(Session session, String name, String candidate, Duration ttl) {
        this.session = Objects.requireNonNull(session, "session");
        this.name = Objects.requireNonNull(name, "name");
        this.ttl = Objects.requireNonNull(ttl, "ttl");
        Objects.requireNonNull(candidate, "candidate");
        locks = LeasingLock.over(
                new NativeBackend(session, true, (key, duration) -> LockRequest.exclusive(key, duration)
                        .showing(candidate)),
                LockOptions.defaults().withAutoRenew(true));
    }

    /**
     * An election, to campaign in it or to observe it.
     *
     * @param name of the election
     * @param candidate as whom this process campaigns, such as its address: at most 1 KiB in UTF-8
     * @param ttl after so long without a sign of life of the leader the next one leads
     */
    public static LeaderElection of(Session session, String name, String candidate, Duration ttl) {
        return new LeaderElection(session, name, candidate, ttl);
    }

    /**
     * Campaigns, behind whoever came before, until this process leads. To resign, close the lease; after that, or after its
     * loss, campaign again.
     *
     * @return the office; cancel it to give up
     */
    public CompletableFuture<LockLease> campaign() {
        CompletableFuture<LockLease> office = new CompletableFuture<>();
        campaign(office);
        return office;
    }

    // What a continuation fails with reaches the future that it completes.
    @SuppressWarnings("FutureReturnValueIgnored")
    private void campaign(CompletableFuture<LockLease> office) {
        if (office.isDone()) {
            return;
        }
        CompletableFuture<Optional<LockLease>> asked;
        try {
            asked = locks.tryAcquireAsync(name, ttl, LONGEST_WAIT);
        } catch (RuntimeException e) {
            // Closed just now.
            office.completeExceptionally(e);
            return;
        }
        office.whenComplete((lease, failure) -> asked.cancel(false));
        asked.whenComplete((lease, failure) -> {
            if (failure != null) {
                office.completeExceptionally(failure);
            } else if (lease.isEmpty()) {
                campaign(office);
            } else if (!office.complete(lease.get())) {
                lease.get().releaseAsync();
            }
        });
    }

    /** Who leads; empty while nobody does. Linearizable. */
    public Optional<Leader> leader() {
        return leaderOf(session.locks().show(name));
    }

    /** Like {@link #leader}. */
    public CompletableFuture<Optional<Leader>> leaderAsync() {
        return session.locks().showAsync(name).thenApply(LeaderElection::leaderOf);
    }

    private static Optional<Leader> leaderOf(LockInfo lock) {
        return lock.holder()
                .map(holder -> new Leader(
                        holder.data(), holder.clientName(), holder.id().token()));
    }

    /** As whom those campaign who wait, the next leader first. */
    public List<String> candidates() {
        return session.locks().show(name).waiters().stream()
                .map(LockInfo.Waiter::data)
                .toList();
    }

    /**
     * Tells an observer who leads, at once and after each change, until it is taken away or the session ends. It is the present
     * leader that is told; one that led only for a moment may be missed.
     *
     * @param observer called on a thread of its own, where it may block
     */
    public Registration observe(Consumer<Optional<Leader>> observer) {
        Objects.requireNonNull(observer, "observer");
        LockListener listener = lock -> observer.accept(leaderOf(lock));
        LockWatch watch = session.locks().watch(name, listener);
        return watch::close;
    }

    @Override
    public void close() {
        locks.close();
    }
}
