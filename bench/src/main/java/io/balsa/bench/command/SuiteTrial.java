package io.balsa.bench.command;

import io.balsa.bench.lock.Backend;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One of Balsa's own benchmarks at one setting: a fork of JMH.
 *
 * @param work what is measured, such as {@code parts: append and sync}
 * @param method the benchmark's
 * @param parameters of the benchmark, in the order in which they are shown; each has one value
 * @param shots how often it is measured once, for what takes long; 0 for what is done over and over for a while
 * @param setUpSeconds what it takes before there is something to measure, a warm-up of its own included, besides the start of a JVM
 * @param ownSeconds how long what is done over and over is measured, or 0 for as long as all others
 */
record SuiteTrial(
        String work,
        Class<?> benchmark,
        String method,
        Map<String, String> parameters,
        int shots,
        int setUpSeconds,
        int ownSeconds) {
    private static final int START_SECONDS = 4;

    /** As it is shown, and matched by {@code --only}. */
    String name() {
        return work
                + parameters.entrySet().stream()
                        .map(parameter -> ", " + parameter.getKey() + "=" + parameter.getValue())
                        .collect(Collectors.joining());
    }

    /** Why it can't be measured on this machine; empty if it can. */
    Optional<String> reasonIfMissing() {
        return Optional.ofNullable(parameters.get("backend"))
                .flatMap(backend -> Backend.valueOf(backend).reasonIfMissing());
    }

    boolean isSingleShot() {
        return shots > 0;
    }

    /**
     * How long what is done over and over is measured.
     *
     * @param usualSeconds of all that have no time of their own
     */
    int measuredSeconds(int usualSeconds) {
        return ownSeconds > 0 ? ownSeconds : usualSeconds;
    }

    /**
     * How long the trial takes.
     *
     * @param warmUpSeconds of what is done over and over
     * @param usualSeconds how long that is then measured
     */
    int seconds(int warmUpSeconds, int usualSeconds) {
        return START_SECONDS + setUpSeconds + (isSingleShot() ? 0 : warmUpSeconds + measuredSeconds(usualSeconds));
    }
}
