package io.balsa.raft.adapter;

/** Bytes on disk are not what was written there. Whoever knows the file and position turns this into their own error. */
final class DamagedRecordException extends Exception {
    private static final long serialVersionUID = 1L;

    DamagedRecordException(String message) {
        super(message);
    }
}
