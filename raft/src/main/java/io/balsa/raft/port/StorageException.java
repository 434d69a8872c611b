package io.balsa.raft.port;

/**
 * Durable storage failed or its content is damaged. The node that meets it must halt: what was written may or may not be
 * on disk, and trying again would hide it. The message names the file and, where there is one, the position.
 */
public class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StorageException(String message) {
        super(message);
    }

    public StorageException(String message, Throwable cause) {
        super(message, cause);
    }
}
