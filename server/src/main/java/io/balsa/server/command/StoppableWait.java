package io.balsa.server.command;

import java.util.Optional;

/** Lets SIGINT and SIGTERM end a thread's wait for a lock, so that it can leave the lock's queue before the process ends. */
final class StoppableWait {
    private final Thread waiter = Thread.currentThread();
    private Optional<Signals.Signal> signal = Optional.empty();
    private boolean over;

    /** A signal came; may be called on any thread. */
    synchronized void stop(Signals.Signal newSignal) {
        if (!over && signal.isEmpty()) {
            signal = Optional.of(newSignal);
            waiter.interrupt();
        }
    }

    /** The waiter is done with waiting; gives the signal that came until now, if one did. Called by the waiter. */
    synchronized Optional<Signals.Signal> end() {
        over = true;
        if (signal.isPresent()) {
            // What is left to do, such as closing the session, must not see the interrupt.
            Thread.interrupted();
        }
        return signal;
    }
}
