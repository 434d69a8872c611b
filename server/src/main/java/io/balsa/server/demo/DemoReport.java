package io.balsa.server.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Rows of what the demo found, and whether each check holds. */
final class DemoReport {
    private static final int MAX_LABEL = 46;

    private final List<Row> rows = new ArrayList<>();

    /** Adds a figure that is neither right nor wrong. */
    void figure(String label, String value) {
        rows.add(new Row(label, value, Verdict.NONE));
    }

    /** Adds a check. */
    void check(String label, String value, boolean holds) {
        rows.add(new Row(label, value, holds ? Verdict.HOLDS : Verdict.FAILS));
    }

    /** Adds a line of text that belongs to the row before. */
    void note(String text) {
        rows.add(new Row("", text, Verdict.NOTE));
    }

    boolean holds() {
        return rows.stream().noneMatch(row -> row.verdict == Verdict.FAILS);
    }

    /** The rows as lines, none longer than the width where it can be helped. */
    List<String> lines(int width) {
        int label = Math.min(
                MAX_LABEL,
                rows.stream().mapToInt(row -> row.label.length()).max().orElse(0));
        int value = rows.stream()
                .filter(row -> row.verdict != Verdict.NOTE)
                .mapToInt(row -> row.value.length())
                .max()
                .orElse(0);
        int gap = width >= label + value + 12 ? 4 : 1;
        List<String> lines = new ArrayList<>();
        for (Row row : rows) {
            if (row.verdict == Verdict.NOTE) {
                lines.add("      " + row.value);
                continue;
            }
            lines.add(("  " + pad(row.label, label) + " ".repeat(gap) + " ".repeat(value - row.value.length())
                            + row.value + "  " + row.verdict.text)
                    .stripTrailing());
        }
        return lines;
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    static String seconds(double seconds) {
        return String.format(Locale.ROOT, "%.2f s", seconds);
    }

    static String millis(long micros) {
        return String.format(Locale.ROOT, "%.1f ms", micros / 1000.0);
    }

    private enum Verdict {
        NONE(""),
        NOTE(""),
        HOLDS("ok"),
        FAILS("FAILED");

        private final String text;

        Verdict(String text) {
            this.text = text;
        }
    }

    private record Row(String label, String value, Verdict verdict) {}
}
