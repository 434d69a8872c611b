package io.balsa.lock;

/**
 * A lock was lost while it was thought to be held: it ran out, was given to another, or its session ended. What was done after
 * that may have been done beside the next holder.
 */
public final class LockLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LockLostException(String key) {
        super("the lock '" + key
                + "' was lost before it was released; what was done under it may have met the next holder:"
                + " let what it protects refuse older fencing tokens");
    }
}
