package io.balsa.raft.core;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A script in a text file: commands after {@code $}, each followed by its expected output, indented; comments after {@code
 * #}; blank lines as one likes.
 */
final class Script {
    private static final String COMMAND = "$ ";
    private static final String OUTPUT = "    ";
    private static final String COMMENT = "#";

    private final String text;

    private Script(String text) {
        this.text = text;
    }

    static Script read(Path file) throws IOException {
        return new Script(Files.readString(file, StandardCharsets.UTF_8));
    }

    String text() {
        return text;
    }

    /** Runs all commands and returns the script as it would be if their output were as expected. */
    String play() {
        ScriptRunner runner = new ScriptRunner();
        List<String> played = new ArrayList<>();
        int lineNumber = 0;
        for (String line : text.lines().toList()) {
            lineNumber++;
            if (line.startsWith(COMMAND)) {
                played.add(line);
                for (String output : run(runner, line.substring(COMMAND.length()), lineNumber)) {
                    played.add(OUTPUT + output);
                }
            } else if (line.isBlank() || line.startsWith(COMMENT)) {
                played.add(line);
            } else if (!line.startsWith(OUTPUT)) {
                throw new IllegalArgumentException("line " + lineNumber + ": neither command, output nor comment");
            }
        }
        return String.join("\n", played) + "\n";
    }

    private static List<String> run(ScriptRunner runner, String command, int lineNumber) {
        try {
            return runner.run(command);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("line " + lineNumber + ": " + command, e);
        }
    }
}
