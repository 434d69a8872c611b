package io.balsa.raft.client;

/** What all calls of a client share. */
interface CallContext {
    Endpoints endpoints();

    Timer timer();

    Backoff backoff();

    /** The call has ended: completes its future on the executor of the application. */
    void complete(Call<?> call, Runnable completion);
}
