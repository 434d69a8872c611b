package io.balsa.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Actions end with the lock under which they run, and say so. */
class WhileHeldTest {
    private static final Duration TTL = Duration.ofSeconds(10);

    private final ManualLeaseTimer time = new ManualLeaseTimer();
    private final FakeSession session = new FakeSession(time);
    private final DistributedLock locks = new LeasingLock(new NativeBackend(session), LockOptions.defaults(), time);
    private final LockLease lease = locks.acquire("orders", TTL);

    @Test
    void givesWhatTheActionGave() {
        HeldRun<String> run = WhileHeld.runWhileHeld(lease, () -> "done");
        assertThat(run).isEqualTo(new HeldRun.Completed<>("done"));
        assertThat(run.isHeldToTheEnd()).isTrue();
        assertThat(run.orElseThrow()).isEqualTo("done");
        assertThat(lease.isValid()).as("left to whoever has the lease").isTrue();
    }

    @Test
    void tellsAFailureApartFromALoss() {
        IllegalStateException failure = new IllegalStateException("the action's own");
        HeldRun<String> run = WhileHeld.runWhileHeld(lease, () -> {
            throw failure;
        });
        assertThat(run).isEqualTo(new HeldRun.Failed<>(failure));
        assertThatThrownBy(run::orElseThrow)
                .isInstanceOf(CompletionException.class)
                .hasCause(failure);
    }

    @Test
    void doesNotStartWithoutTheLock() {
        lease.release();
        HeldRun<String> run = WhileHeld.runWhileHeld(lease, () -> {
            throw new AssertionError("started");
        });
        assertThat(run).isEqualTo(new HeldRun.Lost<>("orders", false, Optional.empty(), Optional.empty()));
        assertThat(WhileHeld.runWhileHeldAsync(lease, () -> {
                    throw new AssertionError("started");
                }))
                .isCompletedWithValue(new HeldRun.Lost<>("orders", false, Optional.empty(), Optional.empty()));
    }

    @Test
    void interruptsTheActionWhenTheLockIsLost() {
        CountDownLatch never = new CountDownLatch(1);
        HeldRun<Boolean> run = WhileHeld.runWhileHeld(lease, () -> {
            time.advanceMillis(10_000);
            return never.await(1, TimeUnit.MINUTES);
        });
        assertThat(run).isInstanceOfSatisfying(HeldRun.Lost.class, lost -> {
            assertThat(lost.started()).isTrue();
            assertThat(lost.failure().orElseThrow()).isInstanceOf(InterruptedException.class);
        });
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThatThrownBy(run::orElseThrow)
                .isInstanceOf(LockLostException.class)
                .hasMessageContaining("'orders'");
    }

    @Test
    void saysThatTheLockWasLostAlsoWhereTheActionTookNoNotice() {
        HeldRun<String> run = WhileHeld.runWhileHeld(lease, () -> {
            time.advanceMillis(10_000);
            return "stubborn";
        });
        assertThat(run).isEqualTo(new HeldRun.Lost<>("orders", true, Optional.of("stubborn"), Optional.empty()));
        assertThat(Thread.currentThread().isInterrupted())
                .as("the interrupt is over with the action")
                .isFalse();
    }

    @Test
    void isNotInterruptedAfterItsEnd() {
        WhileHeld.runWhileHeld(lease, () -> "done");
        time.advanceMillis(10_000);
        assertThat(lease.isValid()).isFalse();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void cancelsAFutureWhenTheLockIsLost() {
        CompletableFuture<String> action = new CompletableFuture<>();
        CompletableFuture<HeldRun<String>> run = WhileHeld.runWhileHeldAsync(lease, () -> action);
        assertThat(run).isNotDone();
        time.advanceMillis(10_000);
        assertThat(action).isCancelled();
        assertThat(run.join().isHeldToTheEnd()).isFalse();
    }

    @Test
    void completesWithTheFutureWhileTheLockIsHeld() {
        CompletableFuture<String> action = new CompletableFuture<>();
        CompletableFuture<HeldRun<String>> run = WhileHeld.runWhileHeldAsync(lease, () -> action);
        action.complete("done");
        assertThat(run).isCompletedWithValue(new HeldRun.Completed<>("done"));
        IllegalStateException failure = new IllegalStateException("the action's own");
        assertThat(WhileHeld.runWhileHeldAsync(lease, () -> CompletableFuture.failedFuture(failure)))
                .isCompletedWithValue(new HeldRun.Failed<>(failure));
        assertThat(WhileHeld.runWhileHeldAsync(lease, () -> {
                    throw failure;
                }))
                .isCompletedWithValue(new HeldRun.Failed<>(failure));
    }
}
