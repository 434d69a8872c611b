package io.balsa.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The seeds that each build runs, each of them twice. */
class SimulatedSeedsIT {
    private static final long SEEDS = Long.getLong("balsa.simulation.seeds", 2_000);
    private static final Duration LONGEST = Duration.ofMinutes(60);

    @Test
    void noSeedBreaksAnInvariant() throws InterruptedException {
        SeedSeries series = SeedSeries.begin(
                SimulationOptions.defaults(),
                1,
                SEEDS,
                Optional.empty(),
                Runtime.getRuntime().availableProcessors());
        assertThat(series.await(LONGEST)).isTrue();
        SeedSeries.Progress end = series.progress();
        System.out.printf(
                Locale.ROOT,
                "%d seeds, each twice, in %d s: %,.0f hours simulated in an hour%n",
                end.passed(),
                TimeUnit.NANOSECONDS.toSeconds(end.wallNanos()),
                end.speed());
        assertThat(end.failure().map(SimulatedSeedsIT::describe)).isEmpty();
        assertThat(end.passed()).isEqualTo(SEEDS);
        assertThat(end.faults()).containsOnlyKeys(Fault.values());
    }

    private static String describe(SimulationResult failure) {
        return "seed %d broke %s%n%s%nTo see how, run: balsa simulate --replay %d"
                .formatted(
                        failure.seed(),
                        failure.violation().orElseThrow(),
                        String.join(System.lineSeparator(), failure.tail()),
                        failure.seed());
    }
}
