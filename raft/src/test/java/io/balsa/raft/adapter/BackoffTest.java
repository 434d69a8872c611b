package io.balsa.raft.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BackoffTest {
    private final Backoff backoff = new Backoff(10, 1_000);

    @Test
    void pausesDoubleUpToABound() {
        assertThat(backoff.nextDelayMillis()).isBetween(5L, 10L);
        assertThat(backoff.nextDelayMillis()).isBetween(10L, 20L);
        for (int i = 0; i < 20; i++) {
            assertThat(backoff.nextDelayMillis()).isLessThanOrEqualTo(1_000);
        }
        assertThat(backoff.nextDelayMillis()).isBetween(500L, 1_000L);
    }

    @Test
    void aSuccessThatDidNotLastDoesNotShortenThem() {
        for (int i = 0; i < 20; i++) {
            backoff.nextDelayMillis();
            backoff.workedFor(999);
        }
        assertThat(backoff.nextDelayMillis()).isBetween(500L, 1_000L);
        backoff.workedFor(1_000);
        assertThat(backoff.nextDelayMillis()).isBetween(5L, 10L);
    }
}
