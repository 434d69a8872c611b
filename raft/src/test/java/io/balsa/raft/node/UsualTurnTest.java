package io.balsa.raft.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When a duty goes and when it comes back, by how long its turns take. */
class UsualTurnTest {
    private static final long SLOW = TimeUnit.MICROSECONDS.toNanos(600);
    private static final long SLOW_WHEN_BUSY = SLOW / 4;
    private static final long HANG = TimeUnit.MILLISECONDS.toNanos(25);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final UsualTurn usual = UsualTurn.takenForQuick(SLOW, SLOW_WHEN_BUSY);
    private long now;

    private void turns(int count, long nanos, int work) {
        for (int i = 0; i < count; i++) {
            usual.took(now, now + nanos, work);
            now += nanos;
        }
    }

    @Test
    void whatIsUsualIsTheMedianNotTheMean() {
        for (int i = 0; i < 200; i++) {
            turns(2, SLOW / 10, 1);
            turns(1, 20 * SLOW, 1);
        }
        assertThat(usual.shouldLeave()).isFalse();
        for (int i = 0; i < 200; i++) {
            turns(1, SLOW / 10, 1);
            turns(2, 2 * SLOW, 1);
        }
        assertThat(usual.shouldLeave()).isTrue();
    }

    @Test
    void whatBecomesSlowIsSoonNoticedHoweverQuickItWas() {
        turns(10_000, 10, 1);
        turns(100, 2 * SLOW, 1);
        assertThat(usual.shouldLeave()).isTrue();
    }

    @Test
    void whoeverDoesMuchIsSlowEarlier() {
        turns(200, 2 * SLOW_WHEN_BUSY, 1);
        assertThat(usual.shouldLeave()).isFalse();
        turns(200, 2 * SLOW_WHEN_BUSY, 100);
        assertThat(usual.shouldLeave()).isTrue();
        turns(200, 2 * SLOW_WHEN_BUSY, 1);
        assertThat(usual.shouldLeave()).isFalse();
    }

    @Test
    void turnsInWhichNothingIsDoneSayNothing() {
        turns(1_000, 2 * SLOW, 0);
        assertThat(usual.shouldLeave()).isFalse();
    }

    @Test
    void oneTurnThatHangsIsEnoughAndKeepsItAwayForASecondFromThen() {
        turns(1, HANG, 0);
        assertThat(usual.shouldLeave()).isTrue();
        usual.left(now);
        assertThat(usual.mayReturn(now + SECOND)).isFalse();
        assertThat(usual.mayReturn(now + SECOND + 1)).isTrue();
        now += SECOND;
        turns(1, HANG, 1);
        turns(10, 10, 1);
        assertThat(usual.mayReturn(now + SECOND / 2)).isFalse();
        assertThat(usual.mayReturn(now + SECOND + 1)).isTrue();
    }

    @Test
    void whatIsTakenForSlowMustShowThatItIsQuick() {
        UsualTurn slow = UsualTurn.takenForSlow(SLOW, now);
        assertThat(slow.mayReturn(now + 2 * SECOND)).isFalse();
        for (int i = 0; i < 20; i++) {
            slow.took(now, now + 10, 1);
        }
        assertThat(slow.mayReturn(now + SECOND)).isFalse();
        assertThat(slow.mayReturn(now + 2 * SECOND)).isTrue();
    }
}
