package io.balsa.simulation.history;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads values as Clojure writes them, as far as histories use it: nil, numbers, texts, keywords, vectors and maps of keywords. */
final class Edn {
    private static final int MAX_NESTING = 32;

    private final String text;
    private int at;
    private int nesting;

    private Edn(String text) {
        this.text = text;
    }

    /** A keyword, such as {@code :timed-out}. */
    record Keyword(String name) {}

    /** The one value that the text holds. Numbers are {@link Long}. */
    static Object read(String text) {
        Edn edn = new Edn(text);
        Object value = edn.value();
        edn.skipBlanks();
        if (edn.at < text.length()) {
            throw edn.unexpected("the end");
        }
        return value;
    }

    private Object value() {
        skipBlanks();
        char c = peek();
        if (c == '"') {
            return quoted();
        } else if (c == '[') {
            return vector();
        } else if (c == '{') {
            return map();
        }
        return word();
    }

    private List<Object> vector() {
        nest();
        List<Object> items = new ArrayList<>();
        for (skipBlanks(); peek() != ']'; skipBlanks()) {
            items.add(value());
        }
        at++;
        nesting--;
        return items;
    }

    private Map<String, Object> map() {
        nest();
        Map<String, Object> map = new LinkedHashMap<>();
        for (skipBlanks(); peek() != '}'; skipBlanks()) {
            if (!(value() instanceof Keyword keyword)) {
                throw unexpected("a keyword");
            }
            if (map.containsKey(keyword.name())) {
                throw new IllegalArgumentException(":" + keyword.name() + " is there twice");
            }
            map.put(keyword.name(), value());
        }
        at++;
        nesting--;
        return map;
    }

    private void nest() {
        at++;
        nesting++;
        if (nesting > MAX_NESTING) {
            throw new IllegalArgumentException("values are nested more than " + MAX_NESTING + " deep");
        }
    }

    private String quoted() {
        StringBuilder value = new StringBuilder();
        at++;
        while (peek() != '"') {
            char c = text.charAt(at++);
            value.append(c == '\\' ? escaped() : c);
        }
        at++;
        return value.toString();
    }

    private char escaped() {
        char c = peek();
        at++;
        return switch (c) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case '"', '\\' -> c;
            default -> throw new IllegalArgumentException("there is no escape \\" + c);
        };
    }

    private Object word() {
        int begin = at;
        while (at < text.length() && !isDelimiter(text.charAt(at))) {
            at++;
        }
        String word = text.substring(begin, at);
        if (word.equals("nil")) {
            return null;
        } else if (word.equals("true") || word.equals("false")) {
            return Boolean.valueOf(word);
        } else if (word.length() > 1 && word.startsWith(":")) {
            return new Keyword(word.substring(1));
        } else if (word.matches("-?[0-9]{1,18}")) {
            return Long.valueOf(word);
        }
        at = begin;
        throw unexpected("a value");
    }

    private void skipBlanks() {
        while (at < text.length() && (Character.isWhitespace(text.charAt(at)) || text.charAt(at) == ',')) {
            at++;
        }
    }

    private static boolean isDelimiter(char c) {
        return Character.isWhitespace(c) || ",\"[]{}()".indexOf(c) >= 0;
    }

    private char peek() {
        if (at >= text.length()) {
            throw unexpected("more");
        }
        return text.charAt(at);
    }

    private IllegalArgumentException unexpected(String expected) {
        String found = at >= text.length() ? "the line ends" : "there is '" + text.charAt(at) + "'";
        return new IllegalArgumentException(
                "at column " + (at + 1) + " " + found + " where " + expected + " is expected");
    }
}
