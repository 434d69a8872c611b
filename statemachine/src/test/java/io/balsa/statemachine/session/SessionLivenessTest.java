package io.balsa.statemachine.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SessionLivenessTest {
    private static final long TTL_SECONDS = 15;

    private final ManualTimer time = new ManualTimer();
    private final List<SessionState> states = new ArrayList<>();
    private final List<CompletableFuture<Void>> keepAlives = new ArrayList<>();
    private final SessionLiveness liveness = liveness(true);

    private SessionLiveness liveness(boolean keepAlive) {
        return new SessionLiveness(
                time,
                TimeUnit.SECONDS.toNanos(TTL_SECONDS),
                time.nanoTime(),
                keepAlive,
                () -> {
                    keepAlives.add(new CompletableFuture<>());
                    return keepAlives.get(keepAlives.size() - 1);
                },
                states::add);
    }

    @Test
    void sendsAKeepAliveAfterAThirdOfTheTtlWithoutACommand() {
        liveness.start();
        time.advance(4_999, TimeUnit.MILLISECONDS);
        assertThat(keepAlives).isEmpty();
        time.advance(1, TimeUnit.MILLISECONDS);
        assertThat(keepAlives).hasSize(1);
    }

    @Test
    void sendsNoneWhileCommandsKeepItAlive() {
        liveness.start();
        for (int second = 0; second < 60; second++) {
            time.advance(1, TimeUnit.SECONDS);
            liveness.confirmed(time.nanoTime());
        }
        assertThat(keepAlives).isEmpty();
        assertThat(states).isEmpty();
    }

    @Test
    @Tag("case-75")
    void isLostByItsOwnClockWhenNothingIsConfirmedForItsTtl() {
        liveness.start();
        time.advance(14_849, TimeUnit.MILLISECONDS);
        assertThat(liveness.state()).isEqualTo(SessionState.CONNECTED);
        time.advance(1, TimeUnit.MILLISECONDS);
        assertThat(liveness.state())
                .as("a hundredth before the TTL is over, for the difference of the clocks")
                .isEqualTo(SessionState.LOST);
        assertThat(states).containsExactly(SessionState.LOST);

        liveness.confirmed(time.nanoTime());
        assertThat(liveness.state()).as("for ever").isEqualTo(SessionState.LOST);
        assertThat(liveness.remainingNanos()).isZero();
    }

    @Test
    void countsFromBeforeTheCommandWasSentNotFromItsAnswer() {
        liveness.start();
        long sentNanos = time.nanoTime();
        time.advance(3, TimeUnit.SECONDS);
        liveness.confirmed(sentNanos);
        assertThat(TimeUnit.NANOSECONDS.toMillis(liveness.remainingNanos())).isEqualTo(11_850);
    }

    @Test
    void isSuspendedWhileTheClusterDoesNotAnswerAndConnectedWhenItDoes() {
        liveness.start();
        liveness.unanswered();
        liveness.unanswered();
        liveness.confirmed(time.nanoTime());
        assertThat(states).containsExactly(SessionState.SUSPENDED, SessionState.CONNECTED);
    }

    @Test
    void triesAgainWithPausesUntilItIsLost() {
        liveness.start();
        for (int step = 0; step < 1_500; step++) {
            time.advance(10, TimeUnit.MILLISECONDS);
            keepAlives.forEach(sent -> sent.complete(null));
        }
        assertThat(keepAlives).as("from 5 s on, each 750 ms, up to 14.85 s").hasSize(14);
        assertThat(states).containsExactly(SessionState.LOST);
    }

    @Test
    void isLostWithoutKeepAlivesToo() {
        SessionLiveness silent = liveness(false);
        silent.start();
        time.advance(TTL_SECONDS, TimeUnit.SECONDS);
        assertThat(keepAlives).isEmpty();
        assertThat(states).containsExactly(SessionState.LOST);
    }

    @Test
    void nothingComesAfterTheClose() {
        liveness.start();
        assertThat(liveness.close()).isTrue();
        time.advance(60, TimeUnit.SECONDS);
        liveness.expired();
        assertThat(liveness.close()).isFalse();
        assertThat(states).containsExactly(SessionState.CLOSED);
        assertThat(keepAlives).isEmpty();
    }
}
