package io.balsa.lock.fencing;

/**
 * A fence refused a token, because a later holder of the lock has been there. Nothing was written; whoever gets this has lost
 * the lock, and must acquire it anew and begin again from what the resource holds now.
 *
 * <p>Unchecked, so that frameworks which roll transactions back by themselves do.
 */
public final class StaleTokenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String resource;
    private final long token;
    private final long newestToken;

    /**
     * @param resource what is fenced
     * @param token that was refused
     * @param newestToken that the fence has seen
     */
    public StaleTokenException(String resource, long token, long newestToken) {
        super(
                "the token " + token + " is too old to write '" + resource + "': " + newestToken
                        + " has been there, so the lock was lost and has a later holder; nothing was written, acquire the lock anew");
        this.resource = resource;
        this.token = token;
        this.newestToken = newestToken;
    }

    /** What is fenced: the name of the resource, the key of a row, or the path of a file. */
    public String resource() {
        return resource;
    }

    /** The token that was refused. */
    public long token() {
        return token;
    }

    /** The newest token that the fence had seen. */
    public long newestToken() {
        return newestToken;
    }
}
