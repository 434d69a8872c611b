package io.balsa.simulation.history;

import java.util.List;
import java.util.stream.Collectors;

/** Shows arguments and outputs to people. */
final class Values {
    private Values() {}

    /** Like JSON, in one line. */
    static String text(Object value) {
        if (value instanceof String text) {
            return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
        } else if (value instanceof List<?> items) {
            return items.stream().map(Values::text).collect(Collectors.joining(", ", "[", "]"));
        }
        return String.valueOf(value);
    }
}
