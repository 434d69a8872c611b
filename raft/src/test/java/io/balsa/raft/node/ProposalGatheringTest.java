package io.balsa.raft.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProposalGatheringTest {
    private static final long MICRO = TimeUnit.MICROSECONDS.toNanos(1);
    private static final long MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long ROUND_NANOS = 300 * MICRO;
    private static final long SMALL = 200;

    private final ProposalGathering gathering = new ProposalGathering(MAX_NANOS);
    private long now = 777;
    private int waiting;

    private void arrive(int count) {
        if (waiting == 0) {
            gathering.began(now);
        }
        waiting += count;
    }

    private long toWait() {
        return gathering.nanosToWait(waiting, SMALL * waiting, now);
    }

    private void go() {
        gathering.went(waiting, now);
        waiting = 0;
    }

    /** All that went is committed, after a time. */
    private void commitAfter(long nanos) {
        now += nanos;
        gathering.observe(0, waiting, now);
    }

    @Test
    void whereNothingIsUnderWayNothingWaits() {
        arrive(1);
        assertThat(toWait()).isZero();
    }

    @Test
    void oneClientNeverWaits() {
        for (int i = 0; i < 10; i++) {
            arrive(1);
            assertThat(toWait()).isZero();
            go();
            commitAfter(ROUND_NANOS);
            now += 50 * MICRO;
        }
    }

    @Test
    void fewWaitForThoseBeforeThemButNotForLong() {
        arrive(1);
        go();
        arrive(3);
        assertThat(toWait()).isEqualTo(MAX_NANOS);
        now += MAX_NANOS - 1;
        assertThat(toWait()).isEqualTo(1);
        now += 1;
        assertThat(toWait()).isZero();
    }

    @Test
    void manyBytesDoNotWait() {
        arrive(1);
        go();
        arrive(3);
        assertThat(gathering.nanosToWait(3, ProposalGathering.MAX_GATHERED_BYTES, now))
                .isZero();
        assertThat(gathering.nanosToWait(3, ProposalGathering.MAX_GATHERED_BYTES - 1, now))
                .isPositive();
    }

    @Test
    void clientsWhoCameApartFindTogetherAgain() {
        arrive(3);
        go();
        now += 10 * MICRO;
        arrive(13);
        commitAfter(ROUND_NANOS);
        // The three are being told now.
        assertThat(toWait()).isEqualTo((ROUND_NANOS + 10 * MICRO) / 2);
        now += 40 * MICRO;
        arrive(2);
        assertThat(toWait()).isPositive();
        arrive(1);
        assertThat(toWait()).isZero();
        go();
        // From now on they are together.
        commitAfter(ROUND_NANOS);
        arrive(16);
        assertThat(toWait()).isZero();
    }

    @Test
    void whoGoesAwayIsWaitedForOnce() {
        arrive(16);
        go();
        commitAfter(ROUND_NANOS);
        arrive(15);
        assertThat(toWait()).isPositive();
        now += toWait();
        assertThat(toWait()).isZero();
        go();
        commitAfter(ROUND_NANOS);
        arrive(15);
        assertThat(toWait()).isZero();
    }

    @Test
    void afterAPauseNobodyIsExpected() {
        arrive(16);
        go();
        commitAfter(ROUND_NANOS);
        now += TimeUnit.HOURS.toNanos(1);
        arrive(1);
        assertThat(toWait()).isZero();
    }

    /** As with clients who send at a rate, answered or not: how long all of them wait in vain is a small part of the time. */
    @Test
    void whereNobodyComesBackWaitingIsGivenUp() {
        long began = now;
        long waited = 0;
        for (int i = 0; i < 20_000; i++) {
            arrive(1);
            while (toWait() > 0) {
                waited += toWait();
                now += toWait();
            }
            go();
            now += ROUND_NANOS / 2;
            arrive(1);
            commitAfter(ROUND_NANOS / 2);
        }
        assertThat(waited).isPositive().isLessThan((now - began) / 100);
    }

    @Test
    void thoseWhoComeLateAreNotWaitedForLong() {
        for (int i = 0; i < 1_000; i++) {
            arrive(1);
            now += toWait();
            go();
            now += 10 * MICRO;
            arrive(1);
            commitAfter(ROUND_NANOS);
            assertThat(toWait()).isLessThanOrEqualTo(ROUND_NANOS + 10 * MICRO);
            now += toWait();
            go();
            commitAfter(ROUND_NANOS);
        }
        // Whatever was learned, they come in time from here on, which is found out.
        now += TimeUnit.SECONDS.toNanos(2);
        arrive(1);
        go();
        arrive(1);
        commitAfter(ROUND_NANOS);
        assertThat(toWait()).isPositive();
    }
}
