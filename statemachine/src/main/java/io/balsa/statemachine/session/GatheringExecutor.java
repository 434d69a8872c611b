package io.balsa.statemachine.session;

import io.balsa.raft.port.TaskLoop;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands tasks on to another executor: those that come while the network's thread works on what it has read, all at once when it
 * is through. To wake a thread costs more than most tasks take, and one that gets tasks one by one falls asleep between them.
 * One that was gathered, and that the other executor does not take, is logged and dropped.
 */
final class GatheringExecutor implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(GatheringExecutor.class);

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
            } catch (RuntimeException | Error unable) {
                // It has ended, mostly. Whatever it is, nobody else would hand on what stays behind.
                handOn();
            }
        }
    }

    private void handOn() {
        for (Runnable task = gathered.poll(); task != null; task = gathered.poll()) {
            try {
                target.execute(task);
            } catch (RuntimeException | Error failure) {
                // Whoever gave the task does not wait here, and those behind it are of others.
                LOG.error("a task is dropped, as {} did not take it", target, failure);
            }
        }
    }
}
