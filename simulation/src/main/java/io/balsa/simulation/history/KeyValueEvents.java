package io.balsa.simulation.history;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Parses events such as {@code {:process 0, :type :invoke, :f :append, :key "k", :value "v"}}, one in each line. */
final class KeyValueEvents implements HistoryParser {
    private final EventPairing events = new EventPairing();

    static boolean recognizes(String line) {
        return line.stripLeading().startsWith("{:");
    }

    @Override
    public void accept(String line) {
        if (!(Edn.read(line) instanceof Map<?, ?> event)) {
            throw new IllegalArgumentException("this is no event such as {:process 0, :type :invoke, :f :get, …}");
        }
        String process = Values.text(get(event, "process"));
        String op = keyword(event, "f");
        String type = keyword(event, "type");
        Object value = event.get("value");
        switch (type) {
            case "invoke" -> events.invoke(process, op, key(event), args(op, value));
            case "ok" -> events.complete(process, op, Status.OK, op.equals("get") ? value : null);
            case "fail" -> events.complete(process, op, Status.FAIL, null);
            case "info" -> events.complete(process, op, Status.INFO, null);
            default -> throw new IllegalArgumentException(":type is :invoke, :ok, :fail or :info, not :" + type);
        }
    }

    private static Object get(Map<?, ?> event, String name) {
        Object value = event.get(name);
        if (value == null) {
            throw new IllegalArgumentException(":" + name + " is missing");
        }
        return value;
    }

    private static String keyword(Map<?, ?> event, String name) {
        if (get(event, name) instanceof Edn.Keyword keyword) {
            return keyword.name();
        }
        throw new IllegalArgumentException(":" + name + " is a keyword");
    }

    private static String key(Map<?, ?> event) {
        Object key = get(event, "key");
        return key instanceof String text ? text : Values.text(key);
    }

    private static List<Object> args(String op, Object value) {
        return switch (op) {
            case "get" -> List.of();
            case "put", "append" -> List.of(Objects.requireNonNullElse(value, ""));
            default -> throw new IllegalArgumentException("a key has :get, :put and :append, not :" + op);
        };
    }

    @Override
    public int size() {
        return events.size();
    }

    @Override
    public History finish() {
        return events.finish(History.Form.KEY_VALUE_EVENTS);
    }
}
