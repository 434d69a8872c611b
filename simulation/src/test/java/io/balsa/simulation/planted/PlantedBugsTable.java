package io.balsa.simulation.planted;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The table of {@code docs/planted-bugs.md}: by which invariant each bug was found, and after how many seeds. */
final class PlantedBugsTable {
    /**
     * What a row says.
     *
     * @param cases as they are printed
     * @param rule as it is printed
     * @param invariant what was broken
     * @param seed the first that breaks it, of those from 1 on
     */
    record Row(String cases, String rule, String invariant, long seed) {}

    private static final Path FILE = Path.of("..", "docs", "planted-bugs.md").normalize();

    private static final String INTRODUCTION =
            """
            # Planted bugs

            Each row is a bug that a test plants in Balsa's own sources, in memory: it compiles the changed source and runs the
            simulator on it, seed 1, seed 2 and so on, until an invariant breaks. The numbers of the cases are those that Balsa must
            survive. `halt` is an invariant of the code itself, or whatever else makes a server stop for another reason than its disk;
            docs/simulation.md explains the others.

            The default build runs the seeds below, and searches on where a change of the code or of the simulator has moved one.
            `mvn verify -Pplanted -pl simulation -am` begins every search anew and writes this table.

            | bug | cases | rule that it breaks | invariant that finds it | seeds needed |
            |---|---|---|---|---:|
            """;

    private static final int COLUMNS = 5;

    private PlantedBugsTable() {}

    /** The rows by the names of their bugs. */
    static Map<String, Row> read() throws IOException {
        Map<String, Row> rows = new TreeMap<>();
        for (String line : Files.readAllLines(FILE)) {
            List<String> cells = Arrays.stream(line.split("\\|"))
                    .map(String::strip)
                    .filter(cell -> !cell.isEmpty())
                    .toList();
            if (cells.size() == COLUMNS && cells.get(COLUMNS - 1).matches("\\d+")) {
                rows.put(cells.get(0), new Row(cells.get(1), cells.get(2), cells.get(3), Long.parseLong(cells.get(4))));
            }
        }
        return rows;
    }

    static void write(List<PlantedBug> bugs, Map<String, Optional<Mutant.Finding>> findings) throws IOException {
        StringBuilder table = new StringBuilder(INTRODUCTION);
        for (PlantedBug bug : bugs) {
            findings.get(bug.name()).ifPresent(finding -> table.append("| ")
                    .append(String.join(
                            " | ",
                            bug.name(),
                            casesOf(bug),
                            bug.rule(),
                            finding.invariant(),
                            String.valueOf(finding.seed())))
                    .append(" |\n"));
        }
        Files.writeString(FILE, table);
    }

    static String casesOf(PlantedBug bug) {
        return bug.cases().isEmpty()
                ? "–"
                : bug.cases().stream().map(String::valueOf).collect(Collectors.joining(", "));
    }
}
