package io.balsa.statemachine.session;

import java.util.concurrent.Executor;

/**
 * The time, the threads and the randomness of one session: threads of its own unless somebody brings others, as a simulator
 * does. Thread-safe.
 */
public interface SessionRuntime {
    /** Monotonic. */
    long nanoTime();

    /**
     * Runs a short task of the session itself later, or never when the session is over. No foreign code runs in it, but the few
     * steps that follow futures completed on {@link #direct}.
     *
     * @return takes the task back, if it has not run
     */
    Runnable schedule(long delayNanos, Runnable task);

    /** Completes the futures of callers, one after the other; after the end, by whoever knows the result. */
    Executor callbacks();

    /**
     * Completes the futures of whoever has only a few steps to do there and hands on what takes longer: without changing threads
     * where the session hears from the cluster on a thread of its own, else like {@link #callbacks}. Without changing threads
     * means on the network thread, on a timer, on the thread that closes the session, or on the caller's own; to block there
     * stops the only network thread of the session. See {@link Session#directLocks}.
     */
    default Executor direct() {
        return callbacks();
    }

    /**
     * An executor that hands tasks on to another: those that come of one read of the network, all at once, behind whatever else
     * came of it. See {@link Session#gathering} for those that the other does not take.
     */
    default Executor gathering(Executor target) {
        return target;
    }

    /** Calls listeners of the session, one after the other. */
    Executor events();

    /** Calls the listener of one watch, which may be slow. */
    Lane watchLane(String name);

    /** Bytes that no other session in the world has. */
    byte[] nonce(int bytes);

    /** The session got its number. Called once, before anything but {@link #nonce} and {@link #nanoTime}. */
    void begin(long session);

    /** Ends the timer at once, the others when they have done what is queued. */
    void end();

    /** Waits a little for what {@link #end} began, unless it is one of its own threads that asks. */
    void awaitEnd() throws InterruptedException;

    /** Runs tasks in order, one at a time, until it is closed. */
    interface Lane extends Executor, AutoCloseable {
        /** Takes no more tasks; those that are queued may still run. */
        @Override
        void close();
    }
}
