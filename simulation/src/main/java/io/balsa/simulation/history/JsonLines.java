package io.balsa.simulation.history;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Parses Balsa's own form: one JSON object in each line, one operation in each object. */
final class JsonLines implements HistoryParser {
    private static final Pattern BEGINNING = Pattern.compile("^\\s*\\{\\s*(\".*|}\\s*)");
    private static final Pattern PLACE = Pattern.compile(" \\((?:start marker )?at \\[Source: [^]]*]\\)");
    private static final int MAX_NESTING = 32;
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MAX_NESTING).build())
            .build();

    private final List<Operation> operations = new ArrayList<>();

    static boolean recognizes(String line) {
        return BEGINNING.matcher(line).matches();
    }

    @Override
    public void accept(String line) {
        try (JsonParser json = JSON.createParser(line)) {
            Fields fields = new Fields(json);
            operations.add(fields.operation());
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("this is not JSON" + at(e) + ": " + reason(e), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String at(JsonProcessingException e) {
        return e.getLocation() == null ? "" : ", at column " + e.getLocation().getColumnNr();
    }

    /** Jackson tells within its message where an object began, in a source that it does not know: each line is one to it. */
    private static String reason(JsonProcessingException e) {
        return PLACE.matcher(e.getOriginalMessage()).replaceAll("");
    }

    @Override
    public int size() {
        return operations.size();
    }

    @Override
    public History finish() {
        return new History(History.Form.JSON_LINES, operations);
    }

    /** The fields of one line, as they come. */
    private static final class Fields {
        private final JsonParser json;
        private String client;
        private String op;
        private String key;
        private List<?> args = List.of();
        private Long callNanos;
        private Long returnNanos;
        private Status status;
        private Object output;

        Fields(JsonParser json) throws IOException {
            this.json = json;
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("a line begins with {");
            }
            for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
                json.nextToken();
                take(name);
            }
            if (json.nextToken() != null) {
                throw new IllegalArgumentException("there is more behind the object; one line holds one operation");
            }
        }

        private void take(String name) throws IOException {
            switch (name) {
                case "client" -> client = name(name);
                case "op" -> op = name(name);
                case "key" -> key = json.currentToken() == JsonToken.VALUE_NULL ? null : name(name);
                case "args" -> args = list();
                case "call" -> callNanos = nanos(name);
                case "return" -> returnNanos = json.currentToken() == JsonToken.VALUE_NULL ? null : (Long) nanos(name);
                case "status" -> status = status();
                case "output" -> output = value();
                default ->
                    throw new IllegalArgumentException("there is no field '" + name
                            + "'; known are client, op, key, args, call, return, status, output");
            }
        }

        Operation operation() {
            require(client, "client");
            require(op, "op");
            require(callNanos, "call");
            require(status, "status");
            if (status == Status.INFO) {
                // When a client gave up says nothing about when, or whether, it takes effect.
                return new Operation(client, op, key, new ArrayList<>(args), callNanos, Operation.NEVER, status, null);
            }
            require(returnNanos, "return");
            if (status == Status.FAIL && Boolean.FALSE.equals(output)) {
                // As Jepsen says it: the comparison failed, and that is the answer.
                status = Status.OK;
            }
            return new Operation(client, op, key, new ArrayList<>(args), callNanos, returnNanos, status, output);
        }

        private static void require(Object value, String name) {
            if (value == null) {
                throw new IllegalArgumentException("'" + name + "' is missing");
            }
        }

        private String name(String field) throws IOException {
            if (json.currentToken() == JsonToken.VALUE_STRING || json.currentToken() == JsonToken.VALUE_NUMBER_INT) {
                return json.getText();
            }
            throw new IllegalArgumentException("'" + field + "' is a text, not " + json.getText());
        }

        private long nanos(String field) throws IOException {
            if (json.currentToken() == JsonToken.VALUE_NUMBER_INT
                    && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
                return json.getLongValue();
            }
            throw new IllegalArgumentException(
                    "'" + field + "' is a whole number of nanoseconds, not " + json.getText());
        }

        private Status status() throws IOException {
            for (Status known : Status.values()) {
                if (known.spelling().equals(json.getText())) {
                    return known;
                }
            }
            throw new IllegalArgumentException("'status' is ok, fail or info, not " + json.getText());
        }

        private List<?> list() throws IOException {
            if (value() instanceof List<?> items) {
                return items;
            }
            throw new IllegalArgumentException("'args' is an array");
        }

        private Object value() throws IOException {
            return switch (json.currentToken()) {
                case VALUE_NULL -> null;
                case VALUE_TRUE -> true;
                case VALUE_FALSE -> false;
                case VALUE_STRING -> json.getText();
                case VALUE_NUMBER_FLOAT -> json.getDoubleValue();
                case VALUE_NUMBER_INT -> number();
                case START_ARRAY -> {
                    List<Object> items = new ArrayList<>();
                    while (json.nextToken() != JsonToken.END_ARRAY) {
                        items.add(value());
                    }
                    yield items;
                }
                default -> throw new IllegalArgumentException("an argument or output is no object");
            };
        }

        private Object number() throws IOException {
            if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
                throw new IllegalArgumentException("the number " + json.getText() + " does not fit into 64 bits");
            }
            return json.getLongValue();
        }
    }
}
