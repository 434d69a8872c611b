package io.balsa.raft.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
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

    /** Has one thing to do each time that it is told to; notes where it did it. */
    private static final class Working implements DutyCycle {
        private final AtomicInteger told = new AtomicInteger();
        private final BlockingQueue<String> threads = new LinkedBlockingQueue<>();
        private final AtomicLong nanoTime;
        private volatile long turnNanos;
        private volatile boolean mayTakeLong;
        private volatile DutySlot slot;

        Working(AtomicLong nanoTime) {
            this.nanoTime = nanoTime;
        }

        Working startOn(DutySlot newSlot) {
            slot = newSlot;
            newSlot.start(this, failure -> threads.add("failed: " + failure));
            return this;
        }

        /** Does it once. */
        String thread() throws InterruptedException {
            told.incrementAndGet();
            slot.signal();
            return threads.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }

        @Override
        public int doWork() {
            if (told.get() == 0) {
                return 0;
            }
            told.decrementAndGet();
            nanoTime.addAndGet(turnNanos);
            threads.add(Thread.currentThread().getName());
            return 1;
        }

        @Override
        public long idleNanos() {
            return Long.MAX_VALUE;
        }

        @Override
        public boolean mayTakeLong() {
            return mayTakeLong;
        }
    }

    private static String threadAfterTurns(Working duty, int turns) throws InterruptedException {
        String last = "";
        for (int i = 0; i < turns; i++) {
            last = duty.thread();
        }
        return last;
    }

    @Test
    void whatIsQuickOfANodeIsOnItsDriversThread() throws InterruptedException {
        AtomicLong nanoTime = new AtomicLong();
        try (SharedDutyRunner runner = new SharedDutyRunner("test", 2, 2, nanoTime::get)) {
            List<String> drivers = new ArrayList<>();
            for (int node = 0; node < 2; node++) {
                DutyRunner ofNode = runner.forOneNode();
                String driver = new Working(nanoTime)
                        .startOn(ofNode.slot("driver", DutyKind.DRIVER))
                        .thread();
                drivers.add(driver);
                for (DutyKind kind : List.of(DutyKind.LOG, DutyKind.APPLY)) {
                    Working quick = new Working(nanoTime).startOn(ofNode.slot("quick", kind));
                    assertThat(threadAfterTurns(quick, 50)).isEqualTo(driver);
                }
                assertThat(new Working(nanoTime)
                                .startOn(ofNode.slot("bulk", DutyKind.BULK))
                                .thread())
                        .startsWith("balsa-test-bulk-");
            }
            assertThat(drivers).containsExactly("balsa-test-driver-1", "balsa-test-driver-2");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DutyKind.class,
            names = {"LOG", "APPLY"})
    void whatIsSlowMovesToTheThreadsOfItsKindAndComesBack(DutyKind kind) throws InterruptedException {
        AtomicLong nanoTime = new AtomicLong();
        String away = "balsa-test-" + kind.name().toLowerCase(Locale.ROOT) + "-1";
        try (SharedDutyRunner runner = new SharedDutyRunner("test", 1, 1, nanoTime::get)) {
            Working duty = new Working(nanoTime).startOn(runner.forOneNode().slot("duty", kind));
            // One turn in which its thread had to wait for a processor says nothing about the duty.
            duty.turnNanos = TimeUnit.MILLISECONDS.toNanos(10);
            assertThat(duty.thread()).isEqualTo("balsa-test-driver-1");
            duty.turnNanos = 0;
            assertThat(threadAfterTurns(duty, 50)).isEqualTo("balsa-test-driver-1");

            duty.turnNanos = TimeUnit.MILLISECONDS.toNanos(1);
            assertThat(threadAfterTurns(duty, 50)).isEqualTo(away);

            duty.turnNanos = 0;
            // Not at once, or it would go to and fro.
            assertThat(threadAfterTurns(duty, 100)).isEqualTo(away);
            nanoTime.addAndGet(TimeUnit.SECONDS.toNanos(2));
            assertThat(threadAfterTurns(duty, 2)).isEqualTo("balsa-test-driver-1");
        }
    }

    @Test
    void aTurnThatMayTakeLongIsNotTakenOnTheDriversThread() throws InterruptedException {
        AtomicLong nanoTime = new AtomicLong();
        try (SharedDutyRunner runner = new SharedDutyRunner("test", 1, 1, nanoTime::get)) {
            Working duty = new Working(nanoTime).startOn(runner.forOneNode().slot("duty", DutyKind.APPLY));
            assertThat(duty.thread()).isEqualTo("balsa-test-driver-1");
            duty.mayTakeLong = true;
            assertThat(duty.thread()).isEqualTo("balsa-test-apply-1");
        }
    }

    @Test
    void aDutyThatIsAwayEndsWithTheRunner() throws InterruptedException {
        AtomicLong nanoTime = new AtomicLong();
        DutySlot slot;
        try (SharedDutyRunner runner = new SharedDutyRunner("test", 1, 1, nanoTime::get)) {
            slot = runner.forOneNode().slot("duty", DutyKind.LOG);
            Working duty = new Working(nanoTime).startOn(slot);
            duty.turnNanos = TimeUnit.MILLISECONDS.toNanos(1);
            assertThat(threadAfterTurns(duty, 50)).isEqualTo("balsa-test-log-1");
        }
        assertThat(slot.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS))).isTrue();
    }

    @Test
    void aDutyForWhichNobodyWaitsLetsTheOthersGoFirst() {
        List<String> order = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> done = new CompletableFuture<>();
        AtomicLong nanoTime = new AtomicLong();
        try (SharedDutyRunner runner = new SharedDutyRunner("test", 1, 1, nanoTime::get)) {
            DutySlot patient = runner.slot("patient");
            patient.start(
                    new DutyCycle() {
                        @Override
                        public int doWork() {
                            if (order.isEmpty()) {
                                return 0;
                            }
                            order.add("patient");
                            done.complete(null);
                            return 0;
                        }

                        @Override
                        public long idleNanos() {
                            return Long.MAX_VALUE;
                        }

                        @Override
                        public boolean mayWait() {
                            return true;
                        }
                    },
                    done::completeExceptionally);
            runner.slot("busy")
                    .start(
                            new DutyCycle() {
                                private int rounds;

                                @Override
                                public int doWork() {
                                    if (rounds == 3) {
                                        return 0;
                                    }
                                    rounds++;
                                    order.add("busy");
                                    patient.signal();
                                    return 1;
                                }

                                @Override
                                public long idleNanos() {
                                    return Long.MAX_VALUE;
                                }
                            },
                            done::completeExceptionally);
            assertThat(done).succeedsWithin(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        assertThat(order.subList(0, 4)).containsExactly("busy", "busy", "busy", "patient");
    }

    private static CompletableFuture<Void> start(DutySlot slot, Runnable what) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        slot.start(new Once(done, what), done::completeExceptionally);
        return done;
    }
}
