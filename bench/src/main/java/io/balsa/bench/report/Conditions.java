package io.balsa.bench.report;

import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Under what a run took place.
 *
 * @param command as it was given
 * @param timing warm-up, measurement and rounds, in a sentence
 * @param stolen which part of the processors' time others on the same host took during the run, from 0 to 1
 * @param jvmFlags by benchmark, of the JVMs that were measured
 */
public record Conditions(
        ZonedDateTime began,
        Duration took,
        String command,
        String timing,
        Machine machine,
        OptionalDouble stolen,
        SourceTree tree,
        String jvm,
        Map<String, List<String>> jvmFlags) {
    private static final double MUCH = 0.03;

    /** Whether figures of the run say little. */
    public boolean isMuchStolen() {
        return stolen.orElse(0) > MUCH;
    }

    /** What others took, in words. */
    public String stolenText() {
        return stolen.isPresent() ? String.format(Locale.ROOT, "%.0f%%", 100 * stolen.getAsDouble()) : "unknown";
    }
}
