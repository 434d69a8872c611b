package io.balsa.server.command;

import java.util.Iterator;
import java.util.Map;

/** Writes maps, iterables, texts, numbers and booleans as JSON, in one line. */
public final class JsonWriter {
    private static final char FIRST_PRINTABLE = ' ';

    private final StringBuilder json = new StringBuilder();

    private JsonWriter() {}

    /**
     * Writes a value.
     *
     * @param value null, or a map, iterable, number or boolean; anything else is written as its text
     */
    public static String write(Object value) {
        JsonWriter writer = new JsonWriter();
        writer.append(value);
        return writer.json.toString();
    }

    private void append(Object value) {
        if (value instanceof Map<?, ?> map) {
            appendMap(map);
        } else if (value instanceof Iterable<?> items) {
            appendItems(items);
        } else if (value == null || value instanceof Number || value instanceof Boolean) {
            json.append(value);
        } else {
            appendText(value.toString());
        }
    }

    private void appendMap(Map<?, ?> map) {
        json.append('{');
        String separator = "";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            json.append(separator);
            appendText(entry.getKey().toString());
            json.append(':');
            append(entry.getValue());
            separator = ",";
        }
        json.append('}');
    }

    private void appendItems(Iterable<?> items) {
        json.append('[');
        for (Iterator<?> each = items.iterator(); each.hasNext(); ) {
            append(each.next());
            json.append(each.hasNext() ? "," : "");
        }
        json.append(']');
    }

    private void appendText(String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default -> appendPlain(c);
            }
        }
        json.append('"');
    }

    private void appendPlain(char c) {
        // A lone half of a surrogate pair can't be encoded in UTF-8; as an escape it can.
        if (c < FIRST_PRINTABLE || c == 0x7f || Character.isSurrogate(c)) {
            json.append("\\u%04x".formatted((int) c));
        } else {
            json.append(c);
        }
    }
}
