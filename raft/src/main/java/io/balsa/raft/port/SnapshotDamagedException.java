package io.balsa.raft.port;

import java.io.IOException;

/** The bytes of a snapshot are not what was written. The message names the file and the position. */
public class SnapshotDamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    public SnapshotDamagedException(String message) {
        super(message);
    }
}
