package io.balsa.raft.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.balsa.raft.port.TaskLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopDutyRunnerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String LOOP = "test-loop";

    private final ExecutorLoop loop = new ExecutorLoop();
    private final AtomicLong nanoTime = new AtomicLong();
    private final LoopDutyRunner runner = new LoopDutyRunner(loop, nanoTime::get);
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final List<DutySlot> started = new CopyOnWriteArrayList<>();

    @AfterEach
    void endAll() throws InterruptedException {
        started.forEach(DutySlot::stop);
        for (DutySlot slot : started) {
            assertThat(slot.join(PATIENCE.toMillis())).isTrue();
        }
        loop.end();
    }

    /** A loop of nothing but tasks. */
    private static final class ExecutorLoop implements TaskLoop {
        private final AtomicInteger looks = new AtomicInteger();
        private final ScheduledThreadPoolExecutor executor =
                new ScheduledThreadPoolExecutor(1, task -> new Thread(task, LOOP));

        @Override
        public void execute(Runnable task) {
            executor.execute(task);
        }

        @Override
        public void beforeNextLook(Runnable task) {
            executor.execute(() -> {
                looks.incrementAndGet();
                task.run();
            });
        }

        @Override
        public void schedule(Runnable task, long delayNanos) {
            var unused = executor.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
        }

        @Override
        public boolean isCurrent() {
            return Thread.currentThread().getName().equals(LOOP);
        }

        void end() throws InterruptedException {
            // What waits is run, as an event loop does it; timers are not.
            executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
            executor.shutdown();
            assertThat(executor.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
        }
    }

    /** Counts its rounds, and does in each what it is told. */
    private static class Rounds implements DutyCycle {
        private final Runnable inEach;
        private final AtomicInteger rounds = new AtomicInteger();
        private final AtomicInteger gifts = new AtomicInteger();
        private final AtomicInteger closed = new AtomicInteger();
        private final List<String> threads = new CopyOnWriteArrayList<>();
        private volatile long idleNanos = Long.MAX_VALUE;
        private volatile int work = 1;

        Rounds(Runnable inEach) {
            this.inEach = inEach;
        }

        @Override
        public int doWork() {
            rounds.incrementAndGet();
            if (gifts.get() == 0) {
                return 0;
            }
            gifts.decrementAndGet();
            threads.add(Thread.currentThread().getName());
            inEach.run();
            return work;
        }

        @Override
        public long idleNanos() {
            return idleNanos;
        }

        @Override
        public void onClose() {
            closed.incrementAndGet();
        }
    }

    private DutySlot start(String name, DutyKind kind, DutyCycle duty) {
        return start(name, kind, duty, failures::add);
    }

    private DutySlot start(String name, DutyKind kind, DutyCycle duty, Consumer<Throwable> onFailure) {
        DutySlot slot = runner.slot(name, kind);
        slot.start(duty, onFailure);
        started.add(slot);
        return slot;
    }

    private static ConditionFactory awaiting() {
        return await().atMost(PATIENCE).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1));
    }

    private static void give(Rounds duty, DutySlot slot) {
        int before = duty.threads.size();
        duty.gifts.incrementAndGet();
        slot.signal();
        awaiting().until(() -> duty.threads.size() > before);
    }

    private static void awaitQuietly(CountDownLatch gate) {
        try {
            assertThat(gate.await(2 * PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    @Test
    void quickDutiesOfOneNodeShareTheLoop() {
        for (DutyKind kind : List.of(DutyKind.DRIVER, DutyKind.APPLY, DutyKind.LOG)) {
            Rounds duty = new Rounds(() -> {});
            DutySlot slot = start("own-" + kind, kind, duty);
            for (int i = 0; i < 100; i++) {
                give(duty, slot);
            }
            assertThat(duty.threads).hasSize(100).containsOnly(LOOP);
        }
        Rounds bulk = new Rounds(() -> {});
        give(bulk, start("own-bulk", DutyKind.BULK, bulk));
        assertThat(bulk.threads).containsOnly("own-bulk");
    }

    @Test
    void aDutyThatHangsOnceMovesAwayAndHoldsUpNobodyTheNextTime() {
        AtomicInteger hangs = new AtomicInteger(1);
        CountDownLatch gate = new CountDownLatch(1);
        Rounds log = new Rounds(() -> {
            if (hangs.getAndDecrement() > 0) {
                nanoTime.addAndGet(TimeUnit.MILLISECONDS.toNanos(25));
            } else {
                awaitQuietly(gate);
            }
        });
        DutySlot logSlot = start("own-log", DutyKind.LOG, log);
        give(log, logSlot);
        give(log, logSlot);
        assertThat(log.threads).containsExactly(LOOP, "own-log");
        Rounds driver = new Rounds(() -> {});
        give(driver, start("driver", DutyKind.DRIVER, driver));
        assertThat(driver.threads).containsExactly(LOOP);
        gate.countDown();
    }

    private Rounds takingMicros(LongSupplier micros) {
        return new Rounds(() -> nanoTime.addAndGet(TimeUnit.MICROSECONDS.toNanos(micros.getAsLong())));
    }

    /** Long turns now and then are mostly another thread's, which had the processor meanwhile. */
    @Test
    void aDutyThatIsMostlyQuickStays() {
        AtomicInteger turns = new AtomicInteger();
        Rounds apply = takingMicros(() -> turns.incrementAndGet() % 3 == 0 ? 5_000 : 10);
        DutySlot slot = start("own-apply", DutyKind.APPLY, apply);
        for (int i = 0; i < 300; i++) {
            give(apply, slot);
        }
        assertThat(apply.threads).containsOnly(LOOP);
    }

    @Test
    void aDutyThatIsMostlySlowMovesAway() {
        Rounds apply = takingMicros(() -> 1_000);
        DutySlot slot = start("own-apply", DutyKind.APPLY, apply);
        for (int i = 0; i < 300; i++) {
            give(apply, slot);
        }
        assertThat(apply.threads).contains(LOOP, "own-apply");
    }

    /** While it syncs many entries the loop has more to do than while it syncs the one that its client waits for. */
    @Test
    void aLogThatIsBusyMovesAwayEarlier() {
        for (int entries : List.of(1, 100)) {
            String own = "own-log-" + entries;
            Rounds log = takingMicros(() -> 250);
            log.work = entries;
            DutySlot slot = start(own, DutyKind.LOG, log);
            for (int i = 0; i < 300; i++) {
                give(log, slot);
            }
            assertThat(log.threads.contains(own)).as("%d entries", entries).isEqualTo(entries > 1);
        }
    }

    @Test
    void aDutyThatIsQuickAgainComesBack() {
        AtomicInteger slow = new AtomicInteger(1);
        Rounds log = new Rounds(() -> {
            if (slow.getAndDecrement() > 0) {
                nanoTime.addAndGet(TimeUnit.MILLISECONDS.toNanos(25));
            }
        });
        DutySlot slot = start("own-log", DutyKind.LOG, log);
        give(log, slot);
        give(log, slot);
        assertThat(log.threads).containsExactly(LOOP, "own-log");
        awaiting().until(() -> {
            // More than once, as a turn in the middle of which the clock is put forward looks as if it had hung.
            nanoTime.addAndGet(TimeUnit.SECONDS.toNanos(2));
            give(log, slot);
            return log.threads.get(log.threads.size() - 1).equals(LOOP);
        });
    }

    @Test
    void whatIsKnownToTakeLongDoesNotBeginOnTheLoop() {
        AtomicInteger restoring = new AtomicInteger(1);
        Rounds applier = new Rounds(() -> restoring.set(0)) {
            @Override
            public boolean mayTakeLong() {
                return restoring.get() > 0;
            }
        };
        DutySlot slot = start("own-apply", DutyKind.APPLY, applier);
        give(applier, slot);
        assertThat(applier.threads).containsExactly("own-apply");
    }

    @Test
    void timersGoOff() {
        Rounds driver = new Rounds(() -> {});
        driver.idleNanos = TimeUnit.MILLISECONDS.toNanos(2);
        start("driver", DutyKind.DRIVER, driver);
        awaiting().until(() -> {
            nanoTime.addAndGet(TimeUnit.MILLISECONDS.toNanos(3));
            return driver.rounds.get() > 5;
        });
    }

    @Test
    void aDutyThatMayWaitComesAfterTheOthers() {
        List<String> order = new CopyOnWriteArrayList<>();
        Rounds applier = new Rounds(() -> order.add("apply")) {
            @Override
            public boolean mayWait() {
                return true;
            }
        };
        Rounds log = new Rounds(() -> order.add("log"));
        DutySlot applySlot = start("apply", DutyKind.APPLY, applier);
        DutySlot logSlot = start("log", DutyKind.LOG, log);
        CountDownLatch both = new CountDownLatch(1);
        loop.execute(() -> awaitQuietly(both));
        applier.gifts.set(1);
        applySlot.signal();
        log.gifts.set(3);
        logSlot.signal();
        both.countDown();
        awaiting().until(() -> order.size() == 4);
        assertThat(order).containsExactly("log", "log", "log", "apply");
    }

    /** A client that gives something in each round must not keep the loop from its connections. */
    @Test
    void theLoopLooksAtItsConnectionsHoweverBusyADutyIs() {
        int gifts = 1_000;
        AtomicInteger looks = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(gifts);
        Rounds driver = new Rounds(() -> {
            looks.set(loop.looks.get());
            done.countDown();
        });
        DutySlot slot = runner.slot("driver", DutyKind.DRIVER);
        driver.gifts.set(gifts);
        slot.start(driver, failures::add);
        started.add(slot);
        awaitQuietly(done);
        assertThat(looks.get()).isBetween(gifts / 16 - 2, gifts);
    }

    @Test
    void aFailureEndsTheDutyOnceAndIsTold() throws InterruptedException {
        IllegalStateException failure = new IllegalStateException("broken");
        Rounds log = new Rounds(() -> {
            throw failure;
        });
        DutySlot slot = start("log", DutyKind.LOG, log);
        give(log, slot);
        assertThat(slot.join(PATIENCE.toMillis())).isTrue();
        slot.stop();
        slot.signal();
        assertThat(failures).containsExactly(failure);
        assertThat(log.closed).hasValue(1);
    }

    @Test
    void itEndsWhereverItIs() throws InterruptedException {
        AtomicInteger restoring = new AtomicInteger(1);
        Rounds applier = new Rounds(() -> {}) {
            @Override
            public boolean mayTakeLong() {
                return restoring.get() > 0;
            }
        };
        DutySlot moved = start("own-apply", DutyKind.APPLY, applier);
        give(applier, moved);
        Rounds driver = new Rounds(() -> {});
        DutySlot onLoop = start("driver", DutyKind.DRIVER, driver);
        for (DutySlot slot : List.of(moved, onLoop)) {
            slot.stop();
            assertThat(slot.join(PATIENCE.toMillis())).isTrue();
        }
        assertThat(applier.closed).hasValue(1);
        assertThat(driver.closed).hasValue(1);
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("own-apply");
    }

    @Test
    void whoeverWaitsForAnEndDoesNotWaitForALoopThatIsGone() throws InterruptedException {
        Rounds driver = new Rounds(() -> {});
        DutySlot slot = start("driver", DutyKind.DRIVER, driver);
        give(driver, slot);
        loop.end();
        slot.stop();
        assertThat(slot.join(PATIENCE.toMillis())).isTrue();
        assertThat(driver.closed).hasValue(1);
    }

    @Test
    void itKnowsWhoIsInIt() {
        DutySlot[] slots = new DutySlot[2];
        List<Boolean> current = new CopyOnWriteArrayList<>();
        Rounds first = new Rounds(() -> {
            current.add(slots[0].isCurrent());
            current.add(slots[1].isCurrent());
        });
        slots[0] = start("first", DutyKind.DRIVER, first);
        slots[1] = start("second", DutyKind.LOG, new Rounds(() -> {}));
        give(first, slots[0]);
        awaiting().until(() -> current.size() == 2);
        assertThat(current).containsExactly(true, false);
        assertThat(slots[0].isCurrent()).isFalse();
    }
}
