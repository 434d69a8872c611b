package io.balsa.statemachine;

/** A committed command or a snapshot is of a format that this version of Balsa does not know; the node must halt. */
public final class NewerFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NewerFormatException(String message) {
        super(message);
    }
}
