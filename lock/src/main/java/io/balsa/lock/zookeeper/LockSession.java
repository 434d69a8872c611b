package io.balsa.lock.zookeeper;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session of ZooKeeper as far as it is believed in: until its end is known, or until nothing was heard of the servers for so
 * long that it may have come. Then everything that stands on it is told, once.
 *
 * <p>While anything stands on it, it has the servers confirm it {@value #CONFIRMATIONS} times in its timeout. Thread-safe.
 */
// Whatever becomes of a confirmation is seen where it completes.
@SuppressWarnings("FutureReturnValueIgnored")
final class LockSession {
    /** Something that lasts at most as long as the session. */
    interface Member {
        /** It is over; called once, without a lock of the session's. */
        void sessionEnded(String reason);
    }

    private static final Logger LOG = LoggerFactory.getLogger(LockSession.class);
    private static final int CONFIRMATIONS = 8;
    private static final long UNCONNECTED_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final Requests requests;
    private final BackendRuntime runtime;
    private final LockPaths paths;
    private final SessionClock clock = new SessionClock();
    private final Set<Member> members = new LinkedHashSet<>();
    private Runnable cancelConfirmation = () -> {};
    private Runnable cancelEnd = () -> {};
    private boolean confirming;
    private boolean over;

    LockSession(Requests requests, BackendRuntime runtime, LockPaths paths) {
        this.requests = requests;
        this.runtime = runtime;
        this.paths = paths;
    }

    Requests requests() {
        return requests;
    }

    synchronized boolean isOver() {
        return over;
    }

    /** Lets something stand on it; false when it is over. */
    synchronized boolean join(Member member) {
        if (over) {
            return false;
        }
        if (members.isEmpty()) {
            clock.wake();
            confirmLater();
            watchEnd();
        }
        members.add(member);
        return true;
    }

    synchronized void leave(Member member) {
        if (members.remove(member) && members.isEmpty()) {
            cancelConfirmation.run();
            cancelEnd.run();
        }
    }

    /**
     * A request was answered that took a majority of the servers.
     *
     * @param sentNanos just before it was sent
     */
    synchronized void answered(long sentNanos) {
        boolean wasKnown = clock.isKnown();
        clock.answered(sentNanos, requests.timeoutNanos());
        if (!wasKnown && !over && !members.isEmpty()) {
            watchEnd();
        }
    }

    /** How long it lasts for certain; zero when it may be over. */
    synchronized Duration remaining() {
        if (over || !clock.isKnown() || !requests.isAlive()) {
            return Duration.ZERO;
        }
        return Duration.ofNanos(Math.max(0, clock.validUntilNanos() - runtime.nanoTime()));
    }

    private void confirmLater() {
        long timeoutNanos = requests.timeoutNanos();
        long delayNanos = timeoutNanos == 0 ? UNCONNECTED_NANOS : timeoutNanos / CONFIRMATIONS;
        cancelConfirmation.run();
        cancelConfirmation = runtime.schedule(delayNanos, this::confirm);
    }

    private void confirm() {
        synchronized (this) {
            if (over || members.isEmpty()) {
                return;
            }
            confirmLater();
            if (confirming) {
                // Its answer, or the end of its connection, comes first.
                return;
            }
            confirming = true;
        }
        if (!requests.isAlive()) {
            end("it expired, or its client was closed");
            return;
        }
        long sentNanos = runtime.nanoTime();
        requests.confirm(paths.root()).whenComplete((done, failure) -> confirmed(sentNanos, failure));
    }

    private void confirmed(long sentNanos, Throwable failure) {
        synchronized (this) {
            confirming = false;
        }
        if (failure == null) {
            answered(sentNanos);
        } else if (Failures.isExpiry(failure)) {
            end("it expired");
        } else {
            LOG.debug("a session of ZooKeeper could not be confirmed: {}", Failures.message(failure));
        }
    }

    private void watchEnd() {
        cancelEnd.run();
        if (clock.isKnown()) {
            cancelEnd = runtime.schedule(clock.validUntilNanos() - runtime.nanoTime(), this::endUnlessConfirmed);
        }
    }

    private void endUnlessConfirmed() {
        synchronized (this) {
            if (over || members.isEmpty()) {
                return;
            }
            if (clock.validUntilNanos() - runtime.nanoTime() > 0) {
                watchEnd();
                return;
            }
        }
        end("the servers did not confirm it in time, so that it may have expired");
    }

    /** Nothing may be believed in any more that stands on it. */
    void end(String reason) {
        List<Member> told;
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            cancelConfirmation.run();
            cancelEnd.run();
            told = List.copyOf(members);
            members.clear();
        }
        if (!told.isEmpty()) {
            LOG.warn("a session of ZooKeeper is not believed in any more: {}", reason);
        }
        told.forEach(member -> member.sessionEnded(reason));
    }
}
