package io.balsa.bench.state;

import io.balsa.raft.core.LogEntry;
import io.balsa.statemachine.CoordinationStateMachine;
import java.util.function.IntFunction;

/** Commands that were encoded before, so that applying them is all that is measured. */
public final class CommandBatch {
    /** So many commands are applied in one go. */
    public static final int COMMANDS = 2048;

    private final LogEntry[] entries = new LogEntry[COMMANDS];
    private byte[] lastResult;

    /**
     * Takes new commands.
     *
     * @param command the next of the log, by its number in the batch
     */
    public void fill(IntFunction<LogEntry> command) {
        for (int i = 0; i < COMMANDS; i++) {
            entries[i] = command.apply(i);
        }
        lastResult = null;
    }

    /** Applies all commands. */
    public void applyTo(CoordinationStateMachine machine) {
        for (LogEntry entry : entries) {
            lastResult = machine.apply(entry);
        }
    }

    /**
     * Looks whether the last command was executed.
     *
     * @throws IllegalStateException if it was refused
     */
    public void check() {
        ReplicatedState.accepted(lastResult);
    }
}
