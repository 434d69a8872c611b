package io.balsa.bench.report;

import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;

/**
 * Under what a run took place.
 *
 * @param command as it was given
 * @param timing warm-up, measurement and rounds, in a sentence
 * @param jvmFlags by benchmark, of the JVMs that were measured
 */
public record Conditions(
        ZonedDateTime began,
        Duration took,
        String command,
        String timing,
        Machine machine,
        SourceTree tree,
        String jvm,
        Map<String, List<String>> jvmFlags) {}
