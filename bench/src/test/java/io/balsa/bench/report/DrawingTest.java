package io.balsa.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DrawingTest {
    /** Between two numbers without a sign there must be something. */
    @Test
    void pathsLoseOnlyWhatTheyDoNotNeed() {
        assertThat(Drawing.shortened("M15.1 19 L25.2 -0.5 Q-1 -2 3 4 Z M0 0"))
                .isEqualTo("M15.1 19L25.2-0.5Q-1-2 3 4ZM0 0");
    }
}
