package io.balsa.server;

import java.util.Objects;

/** Ends a command with one line for its user and an exit code; never with a stack trace. */
public class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ExitCode exitCode;

    public CommandFailure(ExitCode exitCode, String line) {
        this(exitCode, line, null);
    }

    public CommandFailure(ExitCode exitCode, String line, Throwable cause) {
        super(line, cause);
        this.exitCode = Objects.requireNonNull(exitCode, "exitCode");
    }

    public ExitCode exitCode() {
        return exitCode;
    }
}
