package io.balsa.server.config;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Knows which keys there are, and which one was probably meant. */
final class Spelling {
    private Spelling() {}

    /** The key at a path whose list items are written {@code []}. */
    static Optional<ConfigKey> keyAt(String pattern) {
        return Arrays.stream(ConfigKey.values())
                .filter(key -> key.path().equals(pattern))
                .findFirst();
    }

    /** Whether there are keys below a path. */
    static boolean isSection(String pattern) {
        return Arrays.stream(ConfigKey.values()).anyMatch(key -> key.path().startsWith(pattern + "."));
    }

    /** The names directly below a section; the empty path is the whole file. */
    static Set<String> childrenOf(String section) {
        String prefix = section.isEmpty() ? "" : section + ".";
        Set<String> children = new LinkedHashSet<>();
        for (ConfigKey key : ConfigKey.values()) {
            if (key.path().startsWith(prefix)) {
                children.add(key.path().substring(prefix.length()).split("[.\\[]", 2)[0]);
            }
        }
        return children;
    }

    /** What to write instead of an unknown key: the key that was probably meant, or all that may stand there. */
    static String hint(String unknown) {
        int dot = unknown.lastIndexOf('.');
        String section = unknown.substring(0, Math.max(dot, 0));
        String name = unknown.substring(dot + 1);
        Set<String> siblings = childrenOf(section);
        String prefix = section.isEmpty() ? "" : section + ".";
        Stream<String> near = siblings.stream().map(sibling -> prefix + sibling);
        Stream<String> elsewhere = Arrays.stream(ConfigKey.values()).map(ConfigKey::path);
        return Stream.concat(near, elsewhere)
                .filter(candidate -> isNear(name, lastName(candidate)))
                .min(Comparator.comparingInt(candidate -> distance(plain(name), plain(lastName(candidate)))))
                .map(meant -> "did you mean " + meant + "?")
                .orElseGet(() -> "known here: " + String.join(", ", siblings));
    }

    private static String lastName(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    private static boolean isNear(String unknown, String known) {
        return distance(plain(unknown), plain(known))
                <= Math.max(1, plain(known).length() / 3);
    }

    /** {@code heartbeatInterval} and {@code heartbeat-interval} are near {@code heartbeat_interval}. */
    private static String plain(String name) {
        return name.replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
    }

    /** How many letters to insert, delete or replace to get from one to the other. */
    private static int distance(String from, String to) {
        int[] previous = new int[to.length() + 1];
        Arrays.setAll(previous, column -> column);
        for (int row = 1; row <= from.length(); row++) {
            int[] current = new int[to.length() + 1];
            current[0] = row;
            for (int column = 1; column <= to.length(); column++) {
                int replaced = previous[column - 1] + (from.charAt(row - 1) == to.charAt(column - 1) ? 0 : 1);
                current[column] = Math.min(replaced, 1 + Math.min(previous[column], current[column - 1]));
            }
            previous = current;
        }
        return previous[to.length()];
    }
}
