package io.balsa.simulation.history;

import java.time.Duration;
import java.util.Objects;

/**
 * How much a check may cost. When it is not enough, the verdict is {@link Verdict.Outcome#UNKNOWN}.
 *
 * @param time for the verdict; to explain a bad one, as much again
 * @param maxConfigurations how many situations of one partition are remembered; it bounds the memory
 */
public record Limits(Duration time, int maxConfigurations) {
    /** Ten seconds, and some hundred megabytes at the most. */
    public static final Limits DEFAULT = new Limits(Duration.ofSeconds(10), 2_000_000);

    public Limits {
        Objects.requireNonNull(time, "time");
    }

    /** The same with another time. */
    public Limits withTime(Duration newTime) {
        return new Limits(newTime, maxConfigurations);
    }
}
