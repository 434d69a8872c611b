package io.balsa.bench.report;

import java.util.Locale;

/** A number that was measured, and its unit. */
public record Figure(double value, String unit) {
    private static final double MANY = 100;
    private static final double FEW = 10;
    /** From here on a number is rounded up to the next unit. */
    private static final double ROUNDED = 0.9995;

    /** With three digits, whatever the unit is. */
    static String number(double value) {
        if (Double.isNaN(value)) {
            return "–";
        }
        if (value == 0) {
            return "0";
        }
        double size = Math.abs(value);
        if (size >= MANY) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        if (size >= FEW) {
            return String.format(Locale.ROOT, "%.1f", value);
        }
        return size >= 1 ? String.format(Locale.ROOT, "%.2f", value) : String.format(Locale.ROOT, "%.3g", value);
    }

    /** Short, for a place with little room: {@code 43.1k}. */
    static String brief(double value) {
        double million = 1e6;
        double thousand = 1e3;
        if (value >= ROUNDED * million) {
            return digits(value / million) + "M";
        }
        return value >= ROUNDED * thousand ? digits(value / thousand) + "k" : digits(value);
    }

    private static String digits(double value) {
        return String.format(Locale.ROOT, value >= FEW ? "%.0f" : "%.1f", value);
    }

    /** JMH's unit as people write it. */
    static String unitForPeople(String unit) {
        return unit.startsWith("us") ? unit.replaceFirst("us", "µs") : unit;
    }

    String text() {
        return number(value) + " " + unitForPeople(unit);
    }
}
