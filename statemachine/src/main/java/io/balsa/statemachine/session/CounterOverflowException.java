package io.balsa.statemachine.session;

import io.balsa.raft.client.NotAppliedException;

/** What was added to a counter would have given it more than 64 bits. It is as it was. */
public final class CounterOverflowException extends NotAppliedException {
    private static final long serialVersionUID = 1L;

    public CounterOverflowException(String message) {
        super(message);
    }
}
