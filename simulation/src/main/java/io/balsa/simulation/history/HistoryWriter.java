package io.balsa.simulation.history;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes operations as JSON, one in each line. {@code docs/histories.md} describes the format. */
public final class HistoryWriter implements Closeable {
    private static final JsonFactory JSON = new JsonFactory();

    private final Writer out;

    /**
     * Writes to a writer.
     *
     * @param out closed with this one
     */
    public HistoryWriter(Writer out) {
        this.out = out;
    }

    /** Writes a whole history into a file, in place of what was there. */
    public static void write(History history, Path file) throws IOException {
        try (HistoryWriter writer =
                new HistoryWriter(new BufferedWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8)))) {
            for (Operation operation : history.operations()) {
                writer.write(operation);
            }
        }
    }

    /** Writes one operation. */
    public void write(Operation operation) throws IOException {
        out.write(line(operation));
        out.write('\n');
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    /** One operation as one line, without its end. */
    public static String line(Operation operation) throws IOException {
        StringWriter line = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(line)) {
            json.writeStartObject();
            json.writeStringField("client", operation.client());
            json.writeStringField("op", operation.op());
            json.writeStringField("key", operation.key());
            json.writeFieldName("args");
            value(json, operation.args());
            json.writeNumberField("call", operation.callNanos());
            if (!operation.isUnknown()) {
                json.writeNumberField("return", operation.returnNanos());
            }
            json.writeStringField("status", operation.status().spelling());
            json.writeFieldName("output");
            value(json, operation.output());
            json.writeEndObject();
        }
        return line.toString();
    }

    private static void value(JsonGenerator json, Object value) throws IOException {
        if (value == null) {
            json.writeNull();
        } else if (value instanceof List<?> items) {
            json.writeStartArray();
            for (Object item : items) {
                value(json, item);
            }
            json.writeEndArray();
        } else if (value instanceof Boolean truth) {
            json.writeBoolean(truth);
        } else if (value instanceof Double number) {
            json.writeNumber(number);
        } else if (value instanceof Number number) {
            json.writeNumber(number.longValue());
        } else {
            json.writeString(value.toString());
        }
    }
}
