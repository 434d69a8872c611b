package io.balsa.statemachine.session;

import io.balsa.raft.port.TaskLoop;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Hands tasks on to another executor: those that come while the network's thread works on what it has read, all at once when it
 * is through. To wake a thread costs more than most tasks take, and one that gets tasks one by one falls asleep between them.
 */
final class GatheringExecutor implements Executor {
    private final TaskLoop loop;
    private final Executor target;
    private final Runnable handOn = this::handOn;
    /** The loop's alone. */
    private final Queue<Runnable> gathered = new ArrayDeque<>();

    /** @param loop on which tasks are gathered; those from elsewhere are handed on at once */
    GatheringExecutor(TaskLoop loop, Executor target) {
        this.loop = loop;
        this.target = target;
    }

    @Override
    public void execute(Runnable task) {
        if (!loop.isCurrent()) {
            target.execute(task);
            return;
        }
        gathered.add(task);
        if (gathered.size() == 1) {
            try {
                // Behind what is read now, and whatever that leads to.
                loop.execute(handOn);
            } catch (RejectedExecutionException ended) {
                handOn();
            }
        }
    }

    private void handOn() {
        for (Runnable task = gathered.poll(); task != null; task = gathered.poll()) {
            target.execute(task);
        }
    }
}
