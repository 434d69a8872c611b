package io.balsa.raft.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SharedDutyRunnerTest {
    private static final long PATIENCE_SECONDS = 30;

    /** Does one thing, once. */
    private record Once(CompletableFuture<Void> done, Runnable what) implements DutyCycle {
        @Override
        public int doWork() {
            if (!done.isDone()) {
                what.run();
                done.complete(null);
            }
            return 0;
        }

        @Override
        public long idleNanos() {
            return Long.MAX_VALUE;
        }
    }

    private static void awaitQuietly(CountDownLatch gate) {
        try {
            assertThat(gate.await(2 * PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    @ParameterizedTest
    @EnumSource(DutyKind.class)
    void noKindOfDutyWaitsForAnother(DutyKind slow) {
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        try (SharedDutyRunner runner = new SharedDutyRunner("test", 1)) {
            DutySlot slowSlot = runner.slot("slow", slow);
            CompletableFuture<Void> slowDone = start(slowSlot, () -> {
                begun.countDown();
                awaitQuietly(gate);
            });
            awaitQuietly(begun);
            List<CompletableFuture<Void>> others = new ArrayList<>();
            for (DutyKind kind : DutyKind.values()) {
                if (kind != slow) {
                    others.add(start(runner.slot("other", kind), () -> {}));
                }
            }
            assertThat(others).allSatisfy(done -> assertThat(done).succeedsWithin(PATIENCE_SECONDS, TimeUnit.SECONDS));
            assertThat(slowDone).isNotDone();
            gate.countDown();
            assertThat(slowDone).succeedsWithin(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } finally {
            gate.countDown();
        }
    }

    private static CompletableFuture<Void> start(DutySlot slot, Runnable what) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        slot.start(new Once(done, what), done::completeExceptionally);
        return done;
    }
}
