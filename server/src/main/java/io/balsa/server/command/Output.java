package io.balsa.server.command;

import io.balsa.server.CommandFailure;
import io.balsa.server.ExitCode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The option {@code --output}, and results printed as it says. */
public final class Output {
    private static final String COLUMN_GAP = "  ";

    /** How results are printed. */
    public enum Format {
        TEXT,
        JSON
    }

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--output",
            paramLabel = "text|json",
            defaultValue = "text",
            description = "How results are printed. JSON: one object in one line for each result.")
    private Format format;

    boolean isJson() {
        return format == Format.JSON;
    }

    /**
     * Prints one result: the object as JSON, or else the lines.
     *
     * @throws CommandFailure if standard output does not take it, such as a full disk, or a pipe that nobody reads any more
     */
    void print(Map<String, ?> object, List<String> lines) {
        if (isJson()) {
            printLine(JsonWriter.write(object));
        } else {
            lines.forEach(this::printLine);
        }
    }

    /** Prints one result: the object as JSON, or else the line. */
    void print(Map<String, ?> object, String line) {
        print(object, List.of(line));
    }

    /** Prints for people who wait: not a result. */
    void note(String line) {
        command.commandLine().getErr().println("balsa: " + line);
        command.commandLine().getErr().flush();
    }

    private void printLine(String line) {
        PrintWriter out = command.commandLine().getOut();
        out.println(line);
        // This also flushes.
        if (out.checkError()) {
            throw new CommandFailure(ExitCode.FAILURE, "standard output cannot be written, so a result is not shown");
        }
    }

    /** Lines of a table whose first row is its head. */
    static List<String> table(List<List<String>> rows) {
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int column = 0; column < columns; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < columns; column++) {
                String cell = row.get(column);
                line.append(column == 0 ? "" : COLUMN_GAP)
                        .append(cell)
                        .append(" ".repeat(widths[column] - cell.length()));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }
}
