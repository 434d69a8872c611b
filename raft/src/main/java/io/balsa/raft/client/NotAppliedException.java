package io.balsa.raft.client;

/** The command certainly had no effect, now or later; or a read was not served. Safe to try again. */
public class NotAppliedException extends RequestException {
    private static final long serialVersionUID = 1L;

    public NotAppliedException(String message) {
        super(message);
    }
}
