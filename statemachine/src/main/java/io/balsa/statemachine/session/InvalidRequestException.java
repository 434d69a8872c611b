package io.balsa.statemachine.session;

import io.balsa.raft.client.NotAppliedException;

/** The cluster refused the operation because it is wrong in itself; the same again will not help. Nothing was executed. */
public final class InvalidRequestException extends NotAppliedException {
    private static final long serialVersionUID = 1L;

    public InvalidRequestException(String message) {
        super(message);
    }
}
