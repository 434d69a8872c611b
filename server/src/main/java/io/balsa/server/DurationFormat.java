package io.balsa.server;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads and writes durations as people do: {@code 100ms}, {@code 10s}, {@code 1m30s}. */
public final class DurationFormat {
    private static final Pattern NUMBER = Pattern.compile("\\d+");
    private static final Pattern PARTS =
            Pattern.compile("(?:(\\d{1,9})h)?(?:(\\d{1,9})m)?(?:(\\d{1,9})s)?(?:(\\d{1,9})ms)?");

    private DurationFormat() {}

    /**
     * Reads a duration.
     *
     * @param text hours, minutes, seconds and milliseconds in this order, each at most once
     * @throws IllegalArgumentException whose message says what is expected, fit for the user
     */
    public static Duration parse(String text) {
        if (NUMBER.matcher(text).matches()) {
            throw new IllegalArgumentException("'%s' has no unit; write %<sms, %<ss or %<sm".formatted(text));
        }
        Matcher parts = PARTS.matcher(text);
        if (text.isEmpty() || !parts.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a duration like 100ms, 10s or 1m30s");
        }
        return Duration.ofHours(number(parts.group(1)))
                .plusMinutes(number(parts.group(2)))
                .plusSeconds(number(parts.group(3)))
                .plusMillis(number(parts.group(4)));
    }

    /** Writes a duration so that {@link #parse} reads it again, down to the millisecond. */
    public static String format(Duration duration) {
        if (duration.toMillis() == 0) {
            return "0s";
        }
        StringBuilder text = new StringBuilder();
        appendPart(text, duration.toHours(), "h");
        appendPart(text, duration.toMinutesPart(), "m");
        appendPart(text, duration.toSecondsPart(), "s");
        appendPart(text, duration.toMillisPart(), "ms");
        return text.toString();
    }

    /** Writes a duration for people, in its largest unit, cut to a whole number of it: {@code 79 s}. */
    public static String round(Duration duration) {
        if (duration.toMillis() < 1_000) {
            return duration.toMillis() + " ms";
        } else if (duration.toMinutes() < 2) {
            return duration.toSeconds() + " s";
        } else if (duration.toHours() < 2) {
            return duration.toMinutes() + " min";
        }
        return duration.toHours() + " h";
    }

    private static void appendPart(StringBuilder text, long number, String unit) {
        if (number != 0) {
            text.append(number).append(unit);
        }
    }

    private static long number(String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
