package io.balsa.server.command;

import io.balsa.server.CommandFailure;
import io.balsa.server.ExitCode;
import io.balsa.simulation.SimulationResult;
import io.balsa.simulation.history.History;
import io.balsa.simulation.history.HistoryWriter;
import io.balsa.simulation.history.KnownModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Writes down what the clients of simulated runs asked and were told, for other checkers to judge: a file of JSON lines for each
 * seed and model. Thread-safe.
 */
final class HistoryExport {
    private final Path directory;
    private IOException failure;
    private Path failedFile;

    /** Makes the directory if there is none yet. */
    HistoryExport(Path directory) {
        this.directory = directory;
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw unwritten(directory, e);
        }
    }

    /**
     * Writes the histories of one run, in place of what was there.
     *
     * @return how {@code balsa} judges each of them that it can judge
     */
    List<String> write(SimulationResult result) {
        List<String> commands = new ArrayList<>();
        for (Map.Entry<String, History> history : result.histories().entrySet()) {
            Path file = directory.resolve("seed-" + result.seed() + "-" + history.getKey() + ".jsonl");
            // Clients may have been told nothing at all; that is no history.
            if (!history.getValue().operations().isEmpty()
                    && written(history.getValue(), file)
                    && isKnown(history.getKey())) {
                commands.add("balsa history check --model " + history.getKey() + " " + file);
            }
        }
        return commands;
    }

    private static boolean isKnown(String model) {
        return Arrays.stream(KnownModel.values()).anyMatch(known -> known.name().equalsIgnoreCase(model));
    }

    private boolean written(History history, Path file) {
        try {
            HistoryWriter.write(history, file);
            return true;
        } catch (IOException e) {
            remember(file, e);
            return false;
        }
    }

    private synchronized void remember(Path file, IOException e) {
        if (failure == null) {
            failedFile = file;
            failure = e;
        }
    }

    /** Whether all could be written. */
    synchronized void check() {
        if (failure != null) {
            throw unwritten(failedFile, failure);
        }
    }

    private static CommandFailure unwritten(Path file, IOException e) {
        return new CommandFailure(ExitCode.FAILURE, file + " cannot be written: " + FileTrouble.reasonOf(e), e);
    }
}
