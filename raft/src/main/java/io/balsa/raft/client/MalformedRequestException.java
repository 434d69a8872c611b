package io.balsa.raft.client;

/** The request is wrong in itself, for example too large: it certainly had no effect, and the same again will not help. */
public final class MalformedRequestException extends NotAppliedException {
    private static final long serialVersionUID = 1L;

    public MalformedRequestException(String message) {
        super(message);
    }
}
