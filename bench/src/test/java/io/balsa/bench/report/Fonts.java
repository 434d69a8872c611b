package io.balsa.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;

/** What charts can't be drawn without. */
final class Fonts {
    private Fonts() {}

    /** Skips the test where there are none; fails it in continuous integration, which has to have them. */
    static void require() {
        Optional<String> obstacle = Drawing.obstacle();
        if (System.getenv("CI") != null) {
            assertThat(obstacle).isEmpty();
        }
        assumeTrue(obstacle.isEmpty(), () -> obstacle.orElse(""));
    }
}
