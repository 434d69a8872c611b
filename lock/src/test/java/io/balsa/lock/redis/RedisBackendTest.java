package io.balsa.lock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.lock.backend.Holding;
import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.OutcomeUnknownException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What becomes of those who want a lock, by a clock that the test moves and answers that it gives. */
class RedisBackendTest {
    private static final Duration TTL = Duration.ofSeconds(10);
    private static final Duration WAIT = Duration.ofSeconds(30);
    private static final String KEY = "orders";
    private final RequestFailure notSent = RequestFailure.notSent("a fake", "it is down", null);
    private final RequestFailure unanswered = RequestFailure.unanswered("a fake", "it is slow", null);

    private final ManualLoop loop = new ManualLoop();
    private final FakeServers servers = new FakeServers(loop);
    private final RedisBackend backend =
            new RedisBackend(RedisLockOptions.defaults(), loop, (ignored, user) -> servers, () -> {});

    /** One who waits, after the first attempt. */
    private CompletableFuture<Optional<Holding>> waiting() {
        CompletableFuture<Optional<Holding>> future = backend.acquire(KEY, TTL, WAIT);
        servers.one().busyMillis(60_000);
        loop.run();
        return future;
    }

    private void wake() {
        loop.execute(() -> backend.mayBeFree(KEY));
        loop.run();
    }

    @Test
    void aReleaseMakesOneAttemptHoweverManyWait() {
        List<CompletableFuture<Optional<Holding>>> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(waiting());
        }
        wake();
        wake();
        Holding first = servers.one().grant(1);
        loop.run();
        assertThat(all.get(0)).isCompletedWithValue(Optional.of(first));
        // A release was heard of while that attempt was under way, and may have come after it.
        servers.one().busyMillis(60_000);
        loop.run();
        assertThat(servers.asked).isEmpty();
        wake();
        Holding second = servers.one().grant(2);
        loop.run();
        assertThat(all.get(1)).as("the next in the order of arrival").isCompletedWithValue(Optional.of(second));
        assertThat(all.stream().filter(CompletableFuture::isDone)).hasSize(2);
    }

    @Test
    void asksWhenTheTtlIsOverAndNothingWasHeard() {
        CompletableFuture<Optional<Holding>> future = backend.acquire(KEY, TTL, WAIT);
        servers.one().busyMillis(700);
        loop.advanceMillis(699);
        assertThat(servers.asked).isEmpty();
        loop.advanceMillis(1);
        Holding holding = servers.one().grant(1);
        loop.run();
        assertThat(future).isCompletedWithValue(Optional.of(holding));
        assertThat(servers.listening).as("nobody waits any more").isEmpty();
    }

    @Test
    void isEmptyWhenItsTimeIsOver() {
        CompletableFuture<Optional<Holding>> none = backend.acquire(KEY, TTL, Duration.ZERO);
        servers.one().busyMillis(60_000);
        assertThat(none).isCompletedWithValue(Optional.empty());
        CompletableFuture<Optional<Holding>> first = waiting();
        CompletableFuture<Optional<Holding>> second = waiting();
        assertThat(servers.listening).containsExactly(KEY);
        loop.advanceMillis(WAIT.toMillis());
        assertThat(first).isCompletedWithValue(Optional.empty());
        assertThat(second).isCompletedWithValue(Optional.empty());
        assertThat(servers.listening).isEmpty();
    }

    @Test
    void whoIsAskingWhenItsTimeIsOverIsToldByTheAnswer() {
        CompletableFuture<Optional<Holding>> future = waiting();
        loop.advanceMillis(WAIT.toMillis() - 1);
        wake();
        loop.advanceMillis(2);
        assertThat(future).isNotDone();
        Holding holding = servers.one().grant(1);
        loop.run();
        assertThat(future).isCompletedWithValue(Optional.of(holding));
    }

    @Test
    @Tag("case-74")
    void whoGivesUpIsSkippedAndLeavesNothing() {
        CompletableFuture<Optional<Holding>> first = waiting();
        CompletableFuture<Optional<Holding>> second = waiting();
        wake();
        first.cancel(false);
        loop.run();
        Holding late = servers.one().grant(1);
        loop.run();
        assertThat(servers.released).containsExactly(late.id());
        wake();
        Holding holding = servers.one().grant(2);
        loop.run();
        assertThat(second).isCompletedWithValue(Optional.of(holding));
        assertThat(servers.released).hasSize(1);
    }

    @Test
    void triesAgainWithTheSameOwnerUntilTheRequestTimeoutIsOver() {
        CompletableFuture<Optional<Holding>> future = backend.acquire(KEY, TTL, Duration.ZERO);
        FakeServers.Asked first = servers.one();
        first.fail(unanswered);
        loop.advanceMillis(25);
        FakeServers.Asked second = servers.one();
        assertThat(second.acquisition().owner()).isEqualTo(first.acquisition().owner());
        Holding holding = second.grant(7);
        loop.run();
        assertThat(future).isCompletedWithValue(Optional.of(holding));
        assertThat(holding.sentNanos()).as("its TTL began anew").isGreaterThan(first.sentNanos());
    }

    @Test
    @Tag("case-60")
    void aFailureTellsWhetherAnythingMayHaveHappened() {
        CompletableFuture<Optional<Holding>> unsent = backend.acquire(KEY, TTL, Duration.ZERO);
        failUntilOver(unsent, notSent, notSent);
        assertThatThrownBy(unsent::join)
                .hasCauseInstanceOf(NotAppliedException.class)
                .hasMessageContainingAll("'orders'", "a fake", "down", "tried again");
        CompletableFuture<Optional<Holding>> unknown = backend.acquire(KEY, TTL, Duration.ZERO);
        failUntilOver(unknown, unanswered, notSent);
        assertThatThrownBy(unknown::join)
                .hasCauseInstanceOf(OutcomeUnknownException.class)
                .hasMessageContainingAll("'orders'", "a fake", "TTL");
        assertThat(servers.abandoned).as("both are taken back").hasSize(2);
    }

    private void failUntilOver(CompletableFuture<?> future, RequestFailure first, RequestFailure later) {
        servers.one().fail(first);
        while (!future.isDone()) {
            loop.advanceMillis(10);
            List.copyOf(servers.asked).forEach(asked -> asked.fail(later));
            servers.asked.clear();
            loop.run();
        }
    }

    @Test
    void waitersOfServersThatDoNotAnswerAreToldWhenTheirTimeIsOver() {
        CompletableFuture<Optional<Holding>> first = waiting();
        CompletableFuture<Optional<Holding>> second = waiting();
        wake();
        failUntilOver(first, notSent, notSent);
        loop.run();
        assertThatThrownBy(first::join).hasCauseInstanceOf(NotAppliedException.class);
        assertThatThrownBy(second::join).hasCauseInstanceOf(NotAppliedException.class);
    }

    @Test
    void anAnswerThatTookLongerThanTheTtlGrantsNothing() {
        CompletableFuture<Optional<Holding>> future = backend.acquire(KEY, TTL, WAIT);
        FakeServers.Asked first = servers.one();
        loop.advanceMillis(TTL.toMillis());
        Holding late = first.grant(1);
        loop.run();
        assertThat(servers.released).containsExactly(late.id());
        assertThat(future).isNotDone();
        servers.one().grant(2);
        loop.run();
        assertThat(future.join().orElseThrow().token()).isEqualTo(2);
    }

    @Test
    void closingEndsWhoWaits() {
        CompletableFuture<Optional<Holding>> future = waiting();
        backend.close();
        assertThatThrownBy(future::join)
                .hasCauseInstanceOf(NotAppliedException.class)
                .hasMessageContaining("closed");
        assertThat(backend.acquire(KEY, TTL, WAIT)).isCompletedExceptionally();
    }

    @Test
    void refusesWhatServersCannotKeep() {
        assertThatThrownBy(() -> backend.acquire("k".repeat(1_025), TTL, WAIT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1024");
        assertThatThrownBy(() -> backend.acquire(KEY, Duration.ofDays(3_651), WAIT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3650 days");
        assertThatThrownBy(() -> RedisLockOptions.defaults().withRequestTimeout(Duration.ofMillis(9)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("request timeout");
        assertThatThrownBy(() -> RedisLockOptions.defaults().withKeyPrefix(""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("prefix");
        assertThatThrownBy(() -> RedisLockOptions.defaults().withHolderName("a\nb"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("holder name");
    }
}
