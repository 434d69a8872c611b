package io.balsa.raft.port;

/**
 * There was no room on the disk. What was to be written is not there, and what was there before is untouched. Whether the
 * node can go on depends on what it was: without its log it can't, without one more snapshot it can.
 */
public class DiskFullException extends StorageException {
    private static final long serialVersionUID = 1L;

    public DiskFullException(String message) {
        super(message);
    }

    public DiskFullException(String message, Throwable cause) {
        super(message, cause);
    }
}
