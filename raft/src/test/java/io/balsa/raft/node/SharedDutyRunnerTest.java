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
    private static final class Working extends Signalled {
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
        public boolean mayTakeLong() {
            return mayTakeLong;
        }
    }

    /** Has nothing to do unless it is signalled. */
    private abstract static class Signalled implements DutyCycle {
        @Override
        public final long idleNanos() {
            return Long.MAX_VALUE;
        }
    }

    private static String threadAfterTurns(Working duty, int turns) throws InterruptedException {
        String last = "";
        for (int i = 0; i < turns; i++) {
            last = duty.thread();
        }
        return last;
    }

    /**
     * Lets a quick duty be away for long enough. The only thread of its kind puts the clock forward itself, between two turns of
     * the duty: in the middle of one it would look as if that had hung.
     */
    private static String threadAfterLongEnough(SharedDutyRunner runner, DutyKind kind, Working duty)
            throws InterruptedException {
        Working clock = new Working(duty.nanoTime).startOn(runner.slot("clock", kind));
        clock.turnNanos = TimeUnit.SECONDS.toNanos(2);
        clock.thread();
        return threadAfterTurns(duty, 2);
    }

    @Test
    void whatIsQuickOfANodeIsOnItsDriversThread() throws InterruptedException {
        AtomicLong nanoTime = new AtomicLong();
        try (SharedDutyRunner runner = new SharedDutyRunner("test", 2, 1, nanoTime::get)) {
            List<String> drivers = new ArrayList<>();
            for (int node = 0; node < 2; node++) {
                DutyRunner ofNode = runner.forOneNode();
                String driver = new Working(nanoTime)
                        .startOn(ofNode.slot("driver", DutyKind.DRIVER))
                        .thread();
                drivers.add(driver);
                Working applier = new Working(nanoTime).startOn(ofNode.slot("applier", DutyKind.APPLY));
                assertThat(threadAfterTurns(applier, 50)).isEqualTo(driver);
                // A log may be slow from the first, when many begin at once.
                Working log = new Working(nanoTime).startOn(ofNode.slot("log", DutyKind.LOG));
                assertThat(threadAfterTurns(log, 50)).startsWith("balsa-test-log-");
                assertThat(threadAfterLongEnough(runner, DutyKind.LOG, log)).isEqualTo(driver);
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
            if (kind == DutyKind.LOG) {
                assertThat(threadAfterTurns(duty, 50)).isEqualTo(away);
                assertThat(threadAfterLongEnough(runner, kind, duty)).isEqualTo("balsa-test-driver-1");
            }
            // One turn in which its thread had to wait for a processor says nothing about the duty.
            duty.turnNanos = TimeUnit.MILLISECONDS.toNanos(10);
            assertThat(duty.thread()).isEqualTo("balsa-test-driver-1");
            duty.turnNanos = 0;
            assertThat(threadAfterTurns(duty, 50)).isEqualTo("balsa-test-driver-1");

            duty.turnNanos = TimeUnit.MILLISECONDS.toNanos(1);
            assertThat(threadAfterTurns(duty, 100)).isEqualTo(away);

            duty.turnNanos = 0;
            // Not at once, or it would go to and fro.
            assertThat(threadAfterTurns(duty, 100)).isEqualTo(away);
            assertThat(threadAfterLongEnough(runner, kind, duty)).isEqualTo("balsa-test-driver-1");
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
            assertThat(threadAfterTurns(duty, 100)).isEqualTo("balsa-test-log-1");
        }
        assertThat(slot.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS))).isTrue();
    }

    /** What a driver sends must not wait for what others on its thread wait for, whichever of them came first. */
    @Test
    void whatADriverPutsOffIsDoneBeforeOthersHaveTheirTurns() {
        List<String> order = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> applied = new CompletableFuture<>();
        try (SharedDutyRunner runner = new SharedDutyRunner("test", 1)) {
            AtomicInteger entries = new AtomicInteger();
            DutySlot applier = runner.forOneNode().slot("applier", DutyKind.APPLY);
            applier.start(
                    new Signalled() {
                        @Override
                        public int doWork() {
                            if (entries.get() > 0) {
                                order.add("applied");
                                applied.complete(null);
                            }
                            return 0;
                        }
                    },
                    applied::completeExceptionally);
            CompletableFuture<Void> unused = start(runner.slot("driver"), () -> {
                runner.afterTurns(() -> order.add("sent"));
                entries.incrementAndGet();
                applier.signal();
            });
            assertThat(applied).succeedsWithin(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        assertThat(order).startsWith("sent", "applied");
    }

    @Test
    void aDutyDoesNotWaitForOthersThatAreNeverDone() throws InterruptedException {
        AtomicLong nanoTime = new AtomicLong();
        CountDownLatch turn = new CountDownLatch(1);
        try (SharedDutyRunner runner = new SharedDutyRunner("test", 1, 1, nanoTime::get)) {
            runner.slot("busy")
                    .start(
                            new Signalled() {
                                @Override
                                public int doWork() {
                                    nanoTime.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
                                    return 1;
                                }
                            },
                            failure -> {});
            runner.slot("patient")
                    .start(
                            new Signalled() {
                                @Override
                                public int doWork() {
                                    turn.countDown();
                                    return 0;
                                }

                                @Override
                                public boolean mayWait() {
                                    return true;
                                }
                            },
                            failure -> {});
            assertThat(turn.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void whoeverWaitsForAnEndOnTheSameThreadWaitsInVainAndIsToldSo() {
        CompletableFuture<Boolean> joined = new CompletableFuture<>();
        try (SharedDutyRunner runner = new SharedDutyRunner("test", 1)) {
            DutySlot other = runner.slot("other");
            other.start(new Once(new CompletableFuture<>(), () -> {}), joined::completeExceptionally);
            CompletableFuture<Void> unused = start(runner.slot("asking"), () -> {
                try {
                    other.stop();
                    joined.complete(other.join(TimeUnit.MINUTES.toMillis(10)));
                } catch (InterruptedException interrupted) {
                    joined.completeExceptionally(interrupted);
                }
            });
            assertThat(joined)
                    .succeedsWithin(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .isEqualTo(false);
        }
    }

    @Test
    void aDutyForWhichNobodyWaitsLetsTheOthersGoFirst() {
        List<String> order = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> done = new CompletableFuture<>();
        AtomicLong nanoTime = new AtomicLong();
        try (SharedDutyRunner runner = new SharedDutyRunner("test", 1, 1, nanoTime::get)) {
            DutySlot patient = runner.slot("patient");
            patient.start(
                    new Signalled() {
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
                        public boolean mayWait() {
                            return true;
                        }
                    },
                    done::completeExceptionally);
            runner.slot("busy")
                    .start(
                            new Signalled() {
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
