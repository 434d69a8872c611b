package io.balsa.bench.report;

import java.util.Locale;

/** Names of code as people read them. */
final class Words {
    private Words() {}

    /** {@code logReopen} as {@code Log reopen}. */
    static String of(String name) {
        String spaced = small(name);
        return spaced.isEmpty() ? name : Character.toUpperCase(spaced.charAt(0)) + spaced.substring(1);
    }

    /** {@code payloadBytes} as {@code payload bytes}. */
    static String small(String name) {
        return name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    }
}
