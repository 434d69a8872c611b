package io.balsa.lock.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How long a session of 8 s is believed in. */
class LockSessionTest {
    private static final long TIMEOUT = FakeRequests.TIMEOUT_MILLIS;

    private final ManualRuntime runtime = new ManualRuntime();
    private final FakeRequests requests = new FakeRequests();
    private final LockSession session = new LockSession(requests, runtime, new LockPaths(null, "/balsa/locks"));
    private final List<String> told = new ArrayList<>();

    private long remainingMillis() {
        return session.remaining().toMillis();
    }

    private void begin() {
        assertThat(session.join(told::add)).isTrue();
        session.answered(runtime.nanoTime());
    }

    @Test
    void isBelievedInWhileItIsConfirmed() {
        begin();
        for (int i = 0; i < 100; i++) {
            runtime.advanceMillis(TIMEOUT / 10);
            assertThat(remainingMillis()).isPositive();
        }
        assertThat(told).isEmpty();
        assertThat(requests.log()).filteredOn("confirm"::equals).hasSize(80);
    }

    /** What a server that is cut off from the leader said last may be a fourth of the timeout old when it answers. */
    @Test
    void countsFromWhatTheLeaderHadHeardForCertain() {
        begin();
        assertThat(remainingMillis()).isEqualTo(TIMEOUT - TIMEOUT / 4 - TIMEOUT / 3 - TIMEOUT / 100 - 1);
        runtime.advanceMillis(TIMEOUT);
        assertThat(remainingMillis()).isEqualTo(TIMEOUT - TIMEOUT / 4 - TIMEOUT / 100);
    }

    @Test
    void isOverForItsMembersBeforeTheServersExpireIt() {
        begin();
        runtime.advanceMillis(TIMEOUT);
        requests.silence(true);
        long silentMillis = 0;
        while (told.isEmpty()) {
            runtime.advanceMillis(1);
            silentMillis++;
            assertThat(told.isEmpty())
                    .isEqualTo(remainingMillis() > 0 || !session.remaining().isZero());
        }
        assertThat(silentMillis).isLessThan(TIMEOUT * 3 / 4);
        assertThat(session.isOver()).isTrue();
        assertThat(session.join(told::add)).isFalse();
        requests.silence(false);
        runtime.advanceMillis(TIMEOUT);
        assertThat(session.remaining()).as("for ever").isZero();
        assertThat(told).hasSize(1);
    }

    @Test
    @Tag("case-75")
    void isNotBelievedInAfterAPauseOfTheProcess() {
        begin();
        runtime.advanceMillis(TIMEOUT);
        runtime.pauseMillis(TIMEOUT);
        assertThat(session.remaining()).as("before anything else runs").isEqualTo(Duration.ZERO);
        requests.expire();
        runtime.advanceMillis(1);
        assertThat(told).hasSize(1);
    }

    /** The answer after the pause is no word about the time of the pause: the servers may have heard nothing else. */
    @Test
    void anAnswerAfterAPauseCountsFromBeforeThePause() {
        begin();
        runtime.advanceMillis(TIMEOUT);
        long before = remainingMillis();
        runtime.pauseMillis(TIMEOUT / 2);
        session.answered(runtime.nanoTime());
        assertThat(remainingMillis()).isLessThanOrEqualTo(before - TIMEOUT / 2 + TIMEOUT / 4);
    }

    @Test
    void endsAtOnceWhenItIsSaidToHaveExpired() {
        begin();
        requests.expire();
        assertThat(session.remaining()).isZero();
        runtime.advanceMillis(TIMEOUT / 8);
        assertThat(told).containsExactly("it expired, or its client was closed");
    }

    @Test
    void asksNothingWhileNothingStandsOnIt() {
        LockSession.Member member = told::add;
        session.join(member);
        session.leave(member);
        assertThat(runtime.pending()).isZero();
        runtime.advanceMillis(TIMEOUT * 10);
        assertThat(requests.log()).isEmpty();
        session.join(member);
        session.answered(runtime.nanoTime());
        assertThat(remainingMillis())
                .as("by the client's own heartbeat meanwhile")
                .isPositive();
        session.leave(member);
    }
}
