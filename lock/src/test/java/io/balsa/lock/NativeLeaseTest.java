package io.balsa.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.OutcomeUnknownException;
import io.balsa.statemachine.session.SessionState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a lease believes, by a clock that the test moves. */
class NativeLeaseTest {
    private static final Duration TTL = Duration.ofSeconds(10);

    private final ManualLeaseTimer time = new ManualLeaseTimer();
    private final FakeSession session = new FakeSession(time);
    private final List<String> lost = new ArrayList<>();
    private final LeasingLock byHand = lock(LockOptions.defaults());
    private final LeasingLock byItself = lock(LockOptions.defaults().withAutoRenew(true));

    private LeasingLock lock(LockOptions options) {
        return new LeasingLock(new NativeBackend(session), options, time);
    }

    private LockLease acquire(LeasingLock lock) {
        LockLease lease = lock.acquire("orders", TTL);
        lease.onLost(() -> lost.add(lease.id()));
        return lease;
    }

    @Test
    @Tag("case-75")
    void isValidALittleShorterThanItsTtlAndThenLost() {
        LockLease lease = acquire(byHand);
        assertThat(lease.remaining()).isEqualTo(Duration.ofMillis(9_900));
        time.advanceMillis(9_899);
        assertThat(lease.isValid()).isTrue();
        assertThat(lost).isEmpty();
        time.advanceMillis(1);
        assertThat(lease.isValid()).isFalse();
        assertThat(lost).containsExactly(lease.id());
        assertThat(lease.renew(TTL)).as("lost for ever").isFalse();
        assertThat(lease.release()).isFalse();
        assertThat(session.released).isEmpty();
    }

    @Test
    void isNotValidBeyondItsSession() {
        LockLease lease = acquire(byHand);
        session.remaining(Duration.ofMillis(5));
        assertThat(lease.remaining()).isEqualTo(Duration.ofMillis(5));
        session.become(SessionState.LOST);
        assertThat(lease.isValid()).isFalse();
        assertThat(lost).hasSize(1);
    }

    @Test
    void aRenewalCountsFromBeforeItWasSent() {
        LockLease lease = acquire(byHand);
        time.advanceMillis(5_000);
        CompletableFuture<Boolean> renewed = lease.renewAsync(TTL);
        time.advanceMillis(1_000);
        session.renewals.get(0).grant();
        assertThat(renewed).isCompletedWithValue(true);
        assertThat(lease.remaining()).isEqualTo(Duration.ofMillis(8_900));
        time.advanceMillis(8_899);
        assertThat(lease.isValid()).isTrue();
        time.advanceMillis(1);
        assertThat(lost).hasSize(1);
    }

    @Test
    void renewsItselfAfterAThirdOfItsTtl() {
        LockLease lease = acquire(byItself);
        for (int round = 0; round < 10; round++) {
            time.advanceMillis(3_334);
            assertThat(session.renewals).hasSize(round + 1);
            session.renewals.get(round).grant();
        }
        assertThat(lease.isValid()).isTrue();
        assertThat(lost).isEmpty();
    }

    @Test
    void aShorterTtlCountsForLaterRenewalsAsSoonAsTheLongerOneIsUsedUp() {
        LockLease lease = acquire(byItself);
        CompletableFuture<Boolean> renewed = lease.renewAsync(Duration.ofSeconds(3));
        session.renewals.get(0).grant();
        assertThat(renewed).isCompletedWithValue(true);
        assertThat(lease.remaining()).as("no renewal shortens it").isEqualTo(Duration.ofMillis(9_900));
        time.advanceMillis(7_999);
        assertThat(session.renewals).hasSize(1);
        for (int round = 1; round <= 5; round++) {
            time.advanceMillis(1);
            assertThat(session.renewals).hasSize(round + 1);
            assertThat(session.renewals.get(round).ttl()).isEqualTo(Duration.ofSeconds(3));
            session.renewals.get(round).grant();
            time.advanceMillis(999);
        }
        assertThat(lease.isValid()).isTrue();
        assertThat(time.pending()).as("one end and one renewal").isEqualTo(2);
    }

    @Test
    void aLongerTtlCountsForLaterRenewals() {
        LockLease lease = acquire(byItself);
        session.grantsRenewals();
        assertThat(byItself.renew("orders", Duration.ofSeconds(30))).isTrue();
        time.advanceMillis(9_999);
        assertThat(session.renewals).hasSize(1);
        time.advanceMillis(1);
        assertThat(session.renewals.get(1).ttl()).isEqualTo(Duration.ofSeconds(30));
        assertThat(lease.isValid()).isTrue();
    }

    @Test
    void theSessionKnowsOnlyOfLeasesThatAreHeld() {
        for (int round = 0; round < 3; round++) {
            int before = session.listeners();
            NativeBackend backend = new NativeBackend(session);
            LeasingLock another = new LeasingLock(backend, LockOptions.defaults(), time);
            assertThat(backend.bound()).isZero();
            LockLease released = another.acquire("released", TTL);
            another.acquire("lost", TTL);
            assertThat(backend.bound()).isEqualTo(2);
            released.release();
            assertThat(backend.bound()).isEqualTo(1);
            time.advanceMillis(10_000);
            assertThat(backend.bound()).isZero();
            another.close();
            assertThat(session.listeners()).isEqualTo(before);
        }
        session.become(SessionState.LOST);
        LockLease late = acquire(byHand);
        assertThat(late.isValid()).isFalse();
        assertThat(lost).hasSize(1);
    }

    @Test
    void triesAgainWhileTheClusterDoesNotAnswerAndIsLostInTime() {
        LockLease lease = acquire(byItself);
        for (int step = 0; step < 990; step++) {
            time.advanceMillis(10);
            session.renewals.forEach(
                    renewal -> renewal.answer().completeExceptionally(new NotAppliedException("no leader")));
        }
        assertThat(session.renewals)
                .as("from 3.3 s on, each 833 ms, up to 9.9 s")
                .hasSize(8);
        assertThat(lease.isValid()).isFalse();
        assertThat(lost).containsExactly(lease.id());
        assertThat(time.pending()).isZero();
    }

    @Test
    @Tag("case-72")
    void isLostAtOnceWhenTheClusterSaysSo() {
        LockLease lease = acquire(byItself);
        time.advanceMillis(3_334);
        session.renewals.get(0).answer().complete(Optional.empty());
        assertThat(lease.isValid()).isFalse();
        assertThat(lost).hasSize(1);
        assertThat(time.pending()).as("no renewal comes after it").isZero();
    }

    @Test
    void aReleaseStopsRenewalAndIsNoLoss() {
        LockLease lease = acquire(byItself);
        time.advanceMillis(3_334);
        assertThat(lease.release()).isTrue();
        assertThat(lease.isValid()).isFalse();
        session.renewals.get(0).grant();
        assertThat(lease.isValid())
                .as("a renewal that was under way changes nothing")
                .isFalse();
        session.become(SessionState.LOST);
        time.advanceMillis(60_000);
        assertThat(session.renewals).hasSize(1);
        assertThat(lost).isEmpty();
        assertThat(lease.release()).as("again").isFalse();
        assertThat(session.released).hasSize(1);
    }

    @Test
    void aReleaseThatFailedCanBeTriedAgain() {
        LockLease lease = acquire(byHand);
        session.releases.add(CompletableFuture.failedFuture(new OutcomeUnknownException("no answer")));
        assertThatThrownBy(lease::release).isInstanceOf(OutcomeUnknownException.class);
        assertThat(lease.isValid()).as("it may be free already").isFalse();
        assertThat(lease.release()).isTrue();
        assertThat(byHand.metrics().released()).as("once").isEqualTo(1);
    }

    @Test
    void closeThrowsNothing() {
        session.releases.add(CompletableFuture.failedFuture(new NotAppliedException("no leader")));
        acquire(byHand).close();
        assertThat(session.released).hasSize(1);
        assertThat(lost).isEmpty();
    }

    @Test
    void whoAsksAfterTheLossIsToldAtOnceAndOnlyOnce() {
        LockLease lease = acquire(byHand);
        time.advanceMillis(10_000);
        lease.onLost(() -> lost.add("late"));
        assertThat(lost).containsExactly(lease.id(), "late");
        session.become(SessionState.LOST);
        assertThat(lost).hasSize(2);
    }

    @Test
    void aListenerThatFailsHidesNothingFromTheNext() {
        LockLease lease = byHand.acquire("orders", TTL);
        lease.onLost(() -> {
            throw new IllegalStateException("the listener's own fault");
        });
        lease.onLost(() -> lost.add("told"));
        time.advanceMillis(10_000);
        assertThat(lost).containsExactly("told");
    }

    @Test
    void theLockKnowsItsLeaseByTheKey() {
        assertThat(byHand.release("orders")).isFalse();
        assertThat(byHand.renew("orders", TTL)).isFalse();
        LockLease first = acquire(byHand);
        session.grantsRenewals();
        assertThat(byHand.renew("orders", Duration.ofSeconds(20))).isTrue();
        assertThat(first.remaining()).isGreaterThan(TTL);
        LockLease second = byHand.acquire("orders", TTL);
        assertThat(first.isValid()).as("granted anew, so the first is over").isFalse();
        assertThat(byHand.release("orders")).isTrue();
        assertThat(second.isValid()).isFalse();
        assertThat(session.released).extracting(id -> id.token()).containsExactly(second.token());
        assertThat(byHand.release("orders")).isFalse();
    }
}
