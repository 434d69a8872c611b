package io.balsa.raft.adapter;

import io.balsa.raft.port.TaskLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;
import java.util.concurrent.TimeUnit;

/** Runs tasks between the reads and writes of a network's event loop. */
// Nobody waits for a timer: it runs, or its loop ends.
@SuppressWarnings("FutureReturnValueIgnored")
final class NettyTaskLoop implements TaskLoop {
    private final SingleThreadEventLoop loop;

    NettyTaskLoop(EventLoop loop) {
        this.loop = (SingleThreadEventLoop) loop;
    }

    @Override
    public void execute(Runnable task) {
        loop.execute(task);
    }

    @Override
    public void beforeNextLook(Runnable task) {
        loop.executeAfterEventLoopIteration(task);
    }

    @Override
    public void schedule(Runnable task, long delayNanos) {
        loop.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public boolean isCurrent() {
        return loop.inEventLoop();
    }
}
