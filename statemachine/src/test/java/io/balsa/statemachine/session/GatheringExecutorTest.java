package io.balsa.statemachine.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.port.TaskLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class GatheringExecutorTest {
    private final List<Runnable> handedOn = new ArrayList<>();
    private final List<String> ran = new ArrayList<>();
    private final ManualLoop loop = new ManualLoop();
    private final GatheringExecutor executor = new GatheringExecutor(loop, handedOn::add);

    /** A loop whose tasks run when the test says so. */
    private static final class ManualLoop implements TaskLoop {
        private final Queue<Runnable> tasks = new ArrayDeque<>();
        private boolean isCurrent = true;
        private boolean hasEnded;

        @Override
        public void execute(Runnable task) {
            if (hasEnded) {
                throw new RejectedExecutionException("it has ended");
            }
            tasks.add(task);
        }

        @Override
        public void beforeNextLook(Runnable task) {
            throw new UnsupportedOperationException("nobody needs it here");
        }

        @Override
        public void schedule(Runnable task, long delayNanos) {
            throw new UnsupportedOperationException("nobody needs it here");
        }

        @Override
        public boolean isCurrent() {
            return isCurrent;
        }

        int runAll() {
            int count = 0;
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
                count++;
            }
            return count;
        }
    }

    @Test
    void whatComesOfOneReadIsHandedOnWhenItIsOver() {
        executor.execute(() -> ran.add("first"));
        executor.execute(() -> ran.add("second"));
        assertThat(handedOn).isEmpty();
        assertThat(loop.runAll()).isEqualTo(1);
        assertThat(handedOn).hasSize(2);
        handedOn.forEach(Runnable::run);
        assertThat(ran).containsExactly("first", "second");

        executor.execute(() -> ran.add("third"));
        assertThat(loop.runAll()).isEqualTo(1);
        assertThat(handedOn).hasSize(3);
    }

    @Test
    void whatComesFromElsewhereIsHandedOnAtOnce() {
        loop.isCurrent = false;
        executor.execute(() -> ran.add("first"));
        assertThat(handedOn).hasSize(1);
        assertThat(loop.runAll()).isZero();
    }

    @Test
    void whatTheTargetDoesNotTakeHoldsNothingElseUp() {
        List<Runnable> taken = new ArrayList<>();
        Queue<Throwable> failures = new ArrayDeque<>(
                List.of(new RejectedExecutionException("full, on purpose"), new OutOfMemoryError("on purpose")));
        GatheringExecutor refused = new GatheringExecutor(loop, task -> {
            Throwable failure = failures.poll();
            if (failure instanceof Error error) {
                throw error;
            } else if (failure instanceof RuntimeException defect) {
                throw defect;
            }
            taken.add(task);
        });
        refused.execute(() -> ran.add("rejected"));
        refused.execute(() -> ran.add("failed"));
        refused.execute(() -> ran.add("third"));
        assertThat(loop.runAll()).isEqualTo(1);
        refused.execute(() -> ran.add("fourth"));
        assertThat(loop.runAll()).as("the next is handed on, too").isEqualTo(1);
        taken.forEach(Runnable::run);
        assertThat(ran).containsExactly("third", "fourth");
    }

    @Test
    void whatTheTargetDoesNotTakeFromElsewhereIsTheCallersToKnow() {
        loop.isCurrent = false;
        GatheringExecutor refused = new GatheringExecutor(loop, task -> {
            throw new RejectedExecutionException("full, on purpose");
        });
        assertThatThrownBy(() -> refused.execute(() -> ran.add("rejected")))
                .isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void aLoopThatHasEndedKeepsNothingBack() {
        loop.hasEnded = true;
        executor.execute(() -> ran.add("first"));
        executor.execute(() -> ran.add("second"));
        assertThat(handedOn).hasSize(2);
    }
}
