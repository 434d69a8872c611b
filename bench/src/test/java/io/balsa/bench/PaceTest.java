package io.balsa.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PaceTest {
    private static final int PER_SECOND = 3_000;

    @Test
    void nothingIsSentBeforeItIsDueAndAllIsDueAtTheRate() {
        Pace pace = new Pace(PER_SECOND);
        long first = pace.awaitNext();
        for (int operations = 1; operations <= 30; operations++) {
            long due = pace.awaitNext();
            assertThat(System.nanoTime() - due).isNotNegative();
            assertThat(due - first).isBetween(operations * 333_333L - 1, operations * 333_334L + 1);
        }
    }
}
