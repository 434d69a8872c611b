package io.balsa.simulation.history;

/** A history has an operation that its model does not know. */
public class WrongModelException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    WrongModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
