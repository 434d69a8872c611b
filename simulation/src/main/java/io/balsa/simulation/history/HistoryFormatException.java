package io.balsa.simulation.history;

import java.io.IOException;

/** A history that can't be understood, with the file and the line. */
public class HistoryFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int line;

    HistoryFormatException(String source, int line, String reason, Throwable cause) {
        super("%s:%d: %s".formatted(source, line, reason), cause);
        this.line = line;
    }

    HistoryFormatException(String source, int line, String reason) {
        this(source, line, reason, null);
    }

    /** The number of the line, beginning with 1. */
    public int line() {
        return line;
    }
}
