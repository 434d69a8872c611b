package io.balsa.simulation.history;

import io.balsa.simulation.history.Counterexample.Explained;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Tells in lines what can't be explained. */
public final class CounterexampleText {
    private static final int MAX_SHOWN_CHARS = 200;

    private CounterexampleText() {}

    /** Lines of at most a few hundred characters. */
    public static List<String> lines(Counterexample counterexample) {
        List<String> lines = new ArrayList<>();
        lines.add(headline(counterexample));
        lines.addAll(table(counterexample.part()));
        lines.add("The longest order that explains answers of it:");
        if (counterexample.explained().isEmpty()) {
            lines.add("  none: not even one of them fits the state at the beginning");
        }
        int number = 1;
        for (Explained step : counterexample.explained()) {
            lines.add("  %d. %s, then it is %s"
                    .formatted(
                            number++,
                            cut(step.operation().client() + ": "
                                    + step.operation().request()),
                            cut(step.state())));
        }
        lines.add("There is no place left for:");
        for (Operation operation : counterexample.stuck()) {
            lines.add("  " + cut(operation.client() + ": " + operation.request()) + " -> " + cut(operation.answer()));
        }
        return lines;
    }

    /** What follows, in one line. */
    static String headline(Counterexample counterexample) {
        String key = counterexample.key() == null ? "" : " of key " + Values.text(counterexample.key());
        return "%s, %d of %d operations%s:"
                .formatted(
                        title(counterexample.shortness()),
                        counterexample.part().size(),
                        counterexample.partition().size(),
                        key);
    }

    private static String title(Shortness shortness) {
        return switch (shortness) {
            case SHORTEST -> "The shortest part that cannot be explained";
            case IRREDUCIBLE ->
                "A part that cannot be explained, nor be shortened further by leaving out any one operation";
            case TOO_HARD ->
                "A part that cannot be explained (it was too much work to tell whether all of it is needed)";
            case NO_TIME -> "A part that cannot be explained (there was no time to look for a shorter one)";
        };
    }

    private static List<String> table(List<Operation> operations) {
        List<List<String>> rows = new ArrayList<>();
        for (Operation operation : operations) {
            String end = operation.isUnknown() ? "..." : Long.toString(operation.returnNanos());
            rows.add(List.of(
                    operation.client(),
                    operation.callNanos() + " to " + end,
                    cut(operation.request()),
                    "-> " + cut(operation.answer())));
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                line.append("  ").append(row.get(column));
                if (column + 1 < row.size()) {
                    line.append(" ".repeat(width(rows, column) - row.get(column).length()));
                }
            }
            lines.add(line.toString());
        }
        return lines;
    }

    private static int width(List<List<String>> rows, int column) {
        return rows.stream()
                .map(row -> row.get(column).length())
                .max(Comparator.naturalOrder())
                .orElse(0);
    }

    /** The beginning and the end of a long text: values that grow differ at their ends. */
    static String cut(String text) {
        if (text.length() <= MAX_SHOWN_CHARS) {
            return text;
        }
        int half = MAX_SHOWN_CHARS / 2;
        return text.substring(0, half) + " ... " + text.substring(text.length() - half);
    }
}
