package io.balsa.raft.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ThreadTimerTest {
    private final ThreadTimer timer = new ThreadTimer("timer-under-test");
    private final BlockingQueue<String> ran = new LinkedBlockingQueue<>();

    @AfterEach
    void end() throws InterruptedException {
        timer.close();
        timer.awaitEnd(TimeUnit.SECONDS.toNanos(30));
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("timer-under-test"));
    }

    @Test
    void anEarlierTaskDoesNotWaitForALaterOne() throws Exception {
        timer.schedule(TimeUnit.HOURS.toNanos(1), () -> ran.add("late"));
        timer.schedule(TimeUnit.MILLISECONDS.toNanos(20), () -> ran.add("early"));
        assertThat(ran.take()).isEqualTo("early");
        assertThat(ran).isEmpty();
    }

    /** Keeps the timer's thread in a task until what this gives is counted down. */
    private CountDownLatch hold() throws InterruptedException {
        CountDownLatch holding = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        timer.schedule(0, () -> {
            holding.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        holding.await();
        return release;
    }

    @Test
    void whatIsTakenBackDoesNotRun() throws Exception {
        CountDownLatch release = hold();
        Runnable cancel = timer.schedule(0, () -> ran.add("taken back"));
        timer.schedule(0, () -> ran.add("kept"));
        cancel.run();
        release.countDown();
        assertThat(ran.take()).isEqualTo("kept");
        assertThat(ran).isEmpty();
    }

    @Test
    void whatIsTakenBackByATaskThatCameDueTogetherWithItDoesNotRun() throws Exception {
        CountDownLatch release = hold();
        AtomicReference<Runnable> cancel = new AtomicReference<>();
        timer.schedule(0, () -> cancel.get().run());
        cancel.set(timer.schedule(0, () -> ran.add("taken back")));
        timer.schedule(0, () -> ran.add("kept"));
        release.countDown();
        assertThat(ran.take()).isEqualTo("kept");
        assertThat(ran).isEmpty();
    }

    @Test
    void whatCameDueTogetherWithTheTaskThatClosesTheTimerDoesNotRun() throws Exception {
        CountDownLatch release = hold();
        timer.schedule(0, timer::close);
        timer.schedule(0, () -> ran.add("too late"));
        release.countDown();
        timer.awaitEnd(TimeUnit.SECONDS.toNanos(30));
        assertThat(ran).isEmpty();
    }

    @Test
    void aTaskThatFailsKeepsNoOtherFromRunning() throws Exception {
        timer.schedule(0, () -> {
            throw new IllegalStateException("on purpose");
        });
        timer.schedule(TimeUnit.MILLISECONDS.toNanos(2), () -> ran.add("next"));
        assertThat(ran.take()).isEqualTo("next");
    }

    @Test
    void aTaskThatEndsInAnErrorKeepsNoOtherFromRunning() throws Exception {
        timer.schedule(0, () -> {
            throw new StackOverflowError("on purpose");
        });
        timer.schedule(TimeUnit.MILLISECONDS.toNanos(2), () -> ran.add("next"));
        assertThat(ran.take()).isEqualTo("next");
    }

    @Test
    void aThreadThatCouldNotBeginIsBegunForTheNextTask() throws Exception {
        AtomicBoolean hasThreads = new AtomicBoolean();
        ThreadTimer poor = new ThreadTimer("timer-under-test", task -> new Thread(task) {
            @Override
            public synchronized void start() {
                if (!hasThreads.get()) {
                    throw new OutOfMemoryError("no native thread, on purpose");
                }
                super.start();
            }
        });
        try {
            assertThatThrownBy(() -> poor.schedule(0, () -> ran.add("refused"))).isInstanceOf(OutOfMemoryError.class);
            hasThreads.set(true);
            poor.schedule(0, () -> ran.add("next"));
            assertThat(ran.take()).isEqualTo("next");
            assertThat(ran).isEmpty();
        } finally {
            poor.close();
            poor.awaitEnd(TimeUnit.SECONDS.toNanos(30));
        }
    }

    @Test
    void tasksOfManyThreadsAllRun() throws Exception {
        int count = 1_000;
        CountDownLatch left = new CountDownLatch(2 * count);
        List<Thread> threads =
                List.of(new Thread(() -> scheduleMany(count, left)), new Thread(() -> scheduleMany(count, left)));
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(left.await(50, TimeUnit.SECONDS)).isTrue();
    }

    private void scheduleMany(int count, CountDownLatch left) {
        for (int i = 0; i < count; i++) {
            timer.schedule(TimeUnit.HOURS.toNanos(1), () -> ran.add("never")).run();
            timer.schedule(TimeUnit.MICROSECONDS.toNanos(i % 50), left::countDown);
        }
    }

    @Test
    void afterTheEndNothingRuns() throws Exception {
        timer.schedule(TimeUnit.HOURS.toNanos(1), () -> ran.add("late"));
        timer.close();
        timer.schedule(0, () -> ran.add("too late")).run();
        timer.awaitEnd(TimeUnit.SECONDS.toNanos(30));
        assertThat(ran).isEmpty();
    }
}
