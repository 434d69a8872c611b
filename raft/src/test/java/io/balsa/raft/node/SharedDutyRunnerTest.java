package io.balsa.raft.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
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

    @Test
    void whatIsPutOffRunsOnceAfterTheTurnsOfAllThatAreDue() {
        List<String> order = new CopyOnWriteArrayList<>();
        CountDownLatch ran = new CountDownLatch(1);
        Runnable putOff = () -> {
            order.add("put off");
            ran.countDown();
        };
        CountDownLatch gate = new CountDownLatch(1);
        try (SharedDutyRunner runner = new SharedDutyRunner("test", 1)) {
            // Until all are there, so that they have their turns in one round.
            List<CompletableFuture<Void>> turns = new ArrayList<>();
            turns.add(start(runner.slot("gate"), () -> awaitQuietly(gate)));
            for (String name : List.of("first", "second")) {
                turns.add(start(runner.slot(name), () -> {
                    order.add(name);
                    assertThat(runner.afterTurns(putOff)).isTrue();
                    assertThat(runner.afterTurns(putOff)).isTrue();
                }));
            }
            gate.countDown();
            assertThat(turns).allSatisfy(done -> assertThat(done).succeedsWithin(PATIENCE_SECONDS, TimeUnit.SECONDS));
            awaitQuietly(ran);
        } finally {
            gate.countDown();
        }
        // A turn that takes longer than the bound on waiting lets it run before the next one.
        assertThat(order.subList(0, 1)).containsExactly("first");
        assertThat(order).last().isEqualTo("put off");
        assertThat(order.stream().filter("put off"::equals).count()).isBetween(1L, 2L);
        assertThat(order).containsSubsequence("first", "second", "put off");
    }

    @Test
    void nothingIsPutOffWhereNobodyHasATurn() {
        AtomicInteger runs = new AtomicInteger();
        try (SharedDutyRunner runner = new SharedDutyRunner("test", 1);
                SharedDutyRunner another = new SharedDutyRunner("another", 1)) {
            assertThat(runner.afterTurns(runs::incrementAndGet)).isFalse();
            CompletableFuture<Void> elsewhere =
                    start(another.slot("elsewhere"), () -> assertThat(runner.afterTurns(runs::incrementAndGet))
                            .isFalse());
            assertThat(elsewhere).succeedsWithin(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        assertThat(runs).hasValue(0);
    }

    private static CompletableFuture<Void> start(DutySlot slot, Runnable what) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        slot.start(new Once(done, what), done::completeExceptionally);
        return done;
    }
}
