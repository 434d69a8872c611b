package io.balsa.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The JDK's view of a lock: owned by threads, reentrant. */
@SuppressWarnings("LockNotBeforeTry") // Locking and unlocking is what is tried.
class ThreadBoundLockTest {
    private static final Duration TTL = Duration.ofSeconds(10);

    private final ManualLeaseTimer time = new ManualLeaseTimer();
    private final FakeSession session = new FakeSession(time);
    private final ThreadBoundLock lock = new ThreadBoundLock(
            new LeasingLock(new NativeBackend(session), LockOptions.defaults(), time), "orders", TTL);

    private static void inAnotherThread(Runnable action) throws Exception {
        CompletableFuture.runAsync(action, task -> new Thread(task).start()).get(1, TimeUnit.MINUTES);
    }

    @Test
    void isReentrantAndOwnedByItsThread() throws Exception {
        lock.lock();
        assertThat(lock.tryLock()).isTrue();
        assertThat(lock.tryLock(1, TimeUnit.SECONDS)).isTrue();
        assertThat(session.acquisitions()).isEqualTo(1);
        inAnotherThread(() -> {
            assertThat(lock.isHeldByCurrentThread()).isFalse();
            assertThat(lock.lease()).isEmpty();
            assertThatThrownBy(lock::unlock)
                    .isInstanceOf(IllegalMonitorStateException.class)
                    .hasMessageContaining("'orders'");
        });
        lock.unlock();
        lock.unlock();
        assertThat(lock.lease().orElseThrow().isValid()).isTrue();
        assertThat(session.released).isEmpty();
        lock.unlock();
        assertThat(session.released).hasSize(1);
        assertThat(lock.isHeldByCurrentThread()).isFalse();
        assertThatThrownBy(lock::unlock).isInstanceOf(IllegalMonitorStateException.class);
    }

    @Test
    void tellsOfALossWhenItIsUnlockedOrLockedAgain() throws Exception {
        lock.lock();
        time.advanceMillis(10_000);
        inAnotherThread(() -> {
            lock.lock();
            lock.unlock();
        });
        assertThatThrownBy(lock::lock).isInstanceOf(LockLostException.class);
        assertThatThrownBy(lock::unlock).isInstanceOf(LockLostException.class);
        assertThat(lock.isHeldByCurrentThread()).as("it counts as unlocked").isFalse();
        lock.lock();
        lock.unlock();
    }

    @Test
    void anInterruptEndsAWaitThatMayBeInterrupted() {
        session.holdsAcquisitionsBack();
        Thread.currentThread().interrupt();
        assertThatThrownBy(lock::lockInterruptibly).isInstanceOf(InterruptedException.class);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(session.acquisitions()).as("not even asked for").isZero();
    }

    @Test
    void anInterruptDoesNotEndALockWithoutCondition() {
        session.holdsAcquisitionsBack();
        session.onNextAcquisition(() -> Thread.currentThread().interrupt());
        session.onNextAcquisition(session::grantHeldBack);
        lock.lock();
        assertThat(Thread.interrupted()).as("told afterwards").isTrue();
        assertThat(session.acquisitions()).as("the first was given up").isEqualTo(2);
        lock.unlock();
    }

    @Test
    void anInterruptedThreadTriesAndUnlocksAllTheSame() {
        Thread.currentThread().interrupt();
        assertThat(lock.tryLock()).isTrue();
        lock.unlock();
        assertThat(Thread.interrupted()).as("told afterwards").isTrue();
        assertThat(session.released).hasSize(1);
        assertThat(session.acquisitions()).isEqualTo(1);
    }

    @Test
    void hasNoConditions() {
        assertThatThrownBy(lock::newCondition)
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("conditions");
    }
}
