package io.balsa.raft.port;

/** Monotonic time. The wall clock is used nowhere in Raft: it may jump. */
public interface Clock {
    /** Nanoseconds since some fixed point; never goes back, and goes on while the process is stopped. */
    long nanoTime();
}
