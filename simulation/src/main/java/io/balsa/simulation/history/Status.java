package io.balsa.simulation.history;

import java.util.Locale;

/** How an operation ended for its client. */
public enum Status {
    /** It was answered. A comparison that failed is an answer too. */
    OK,
    /** It had no effect, and tells nothing. */
    FAIL,
    /** Unknown: it may take effect at any time after its call, or never. */
    INFO;

    /** As it is spelled in a file. */
    public String spelling() {
        return name().toLowerCase(Locale.ROOT);
    }
}
