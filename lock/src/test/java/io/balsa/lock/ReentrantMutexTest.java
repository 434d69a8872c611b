package io.balsa.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.client.NotAppliedException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A handle counts its acquisitions. */
class ReentrantMutexTest {
    private static final Duration TTL = Duration.ofSeconds(10);
    private static final Duration WAIT = Duration.ofSeconds(30);

    private final ManualLeaseTimer time = new ManualLeaseTimer();
    private final FakeSession session = new FakeSession(time);
    private final DistributedLock locks = new LeasingLock(new NativeBackend(session), LockOptions.defaults(), time);
    private final ReentrantMutex mutex = new ReentrantMutex(locks, "orders");

    @Test
    void isReleasedWhenEachAcquisitionWas() {
        session.grantsRenewals();
        mutex.acquire(TTL, WAIT);
        mutex.acquire(TTL, WAIT);
        assertThat(mutex.tryAcquire(Duration.ofSeconds(1), WAIT)).isTrue();
        assertThat(session.acquisitions()).as("asked of the cluster once").isEqualTo(1);
        assertThat(mutex.holdCount()).isEqualTo(3);
        LockLease lease = mutex.lease().orElseThrow();
        assertThat(mutex.release()).isTrue();
        assertThat(mutex.release()).isTrue();
        assertThat(session.released).isEmpty();
        assertThat(lease.isValid()).isTrue();
        assertThat(mutex.release()).isTrue();
        assertThat(session.released).hasSize(1);
        assertThat(mutex.lease()).isEmpty();
        assertThatThrownBy(mutex::release)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'orders'");
    }

    @Test
    void anAcquisitionForLongerPutsTheEndOff() {
        mutex.acquire(TTL, WAIT);
        session.grantsRenewals();
        mutex.acquire(Duration.ofSeconds(60), WAIT);
        assertThat(session.renewals).hasSize(1);
        assertThat(mutex.lease().orElseThrow().remaining()).isGreaterThan(Duration.ofSeconds(50));
    }

    @Test
    void aLossIsToldToEachAcquisitionBeforeItIsAcquiredAnew() {
        mutex.acquire(TTL, WAIT);
        mutex.acquire(Duration.ofSeconds(1), WAIT);
        time.advanceMillis(10_000);
        assertThatThrownBy(() -> mutex.acquire(TTL, WAIT))
                .isInstanceOf(LockLostException.class)
                .hasMessageContaining("'orders'");
        assertThat(mutex.release()).isFalse();
        assertThat(mutex.holdCount()).isEqualTo(1);
        assertThat(mutex.release()).isFalse();
        mutex.acquire(TTL, WAIT);
        assertThat(mutex.lease().orElseThrow().isValid()).isTrue();
    }

    @Test
    void isAcquiredAnewWhenOthersReleasedItMeanwhile() {
        mutex.acquire(TTL, WAIT);
        CompletableFuture<Boolean> again = mutex.tryAcquireAsync(Duration.ofSeconds(60), WAIT);
        assertThat(again).as("is being renewed").isNotDone();
        assertThat(mutex.release()).isTrue();
        session.renewals.get(0).answer().complete(Optional.empty());
        assertThat(again).as("not lost but released").isCompletedWithValue(true);
        assertThat(mutex.holdCount()).isEqualTo(1);
        assertThat(session.acquisitions()).isEqualTo(2);
    }

    @Test
    void aTtlThatAHeldLockCannotBeGivenIsRefusedAndBlocksNobody() {
        mutex.acquire(TTL, WAIT);
        session.refusesRenewals(new IllegalArgumentException("too long"));
        assertThatThrownBy(() -> mutex.tryAcquire(Duration.ofSeconds(60), WAIT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("too long");
        assertThat(mutex.tryAcquire(Duration.ofSeconds(1), WAIT)).isTrue();
    }

    @Test
    void acquisitionsAtOnceAskTheClusterOnce() {
        session.holdsAcquisitionsBack();
        CompletableFuture<Boolean> first = mutex.tryAcquireAsync(TTL, WAIT);
        CompletableFuture<Boolean> second = mutex.tryAcquireAsync(Duration.ofSeconds(1), WAIT);
        assertThat(second).isNotDone();
        session.grantHeldBack();
        assertThat(first).isCompletedWithValue(true);
        assertThat(second).isCompletedWithValue(true);
        assertThat(mutex.holdCount()).isEqualTo(2);
        assertThat(session.acquisitions()).isEqualTo(1);
    }

    @Test
    void whoGivesUpHoldsNothing() {
        session.holdsAcquisitionsBack();
        CompletableFuture<Boolean> first = mutex.tryAcquireAsync(TTL, WAIT);
        CompletableFuture<Boolean> second = mutex.tryAcquireAsync(Duration.ofSeconds(1), WAIT);
        first.cancel(false);
        assertThat(second).as("asks for itself now").isNotDone();
        session.grantHeldBack();
        assertThat(second).isCompletedWithValue(true);
        assertThat(mutex.holdCount()).isEqualTo(1);
        mutex.close();
        assertThat(mutex.holdCount()).isZero();
        assertThat(session.released).hasSize(1);
    }

    @Test
    void closingGivesUpWhatIsUnderWay() {
        session.holdsAcquisitionsBack();
        CompletableFuture<Boolean> waiting = mutex.tryAcquireAsync(TTL, WAIT);
        mutex.close();
        assertThat(waiting).isCompletedExceptionally();
        session.grantHeldBack();
        assertThat(mutex.holdCount()).isZero();
        assertThatThrownBy(() -> mutex.acquire(TTL, WAIT))
                .isInstanceOf(NotAppliedException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void aFailureLeavesItFree() {
        session.failsAcquisitions(new NotAppliedException("no leader"));
        assertThatThrownBy(() -> mutex.acquire(TTL, WAIT)).isInstanceOf(NotAppliedException.class);
        assertThat(mutex.holdCount()).isZero();
        session.failsAcquisitions(null);
        assertThat(mutex.tryAcquire(TTL, WAIT)).isTrue();
    }
}
