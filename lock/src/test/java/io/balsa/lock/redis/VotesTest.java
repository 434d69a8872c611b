package io.balsa.lock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Of how many answers a majority is made, and when it is known that none will be. */
class VotesTest {
    private final List<CompletableFuture<Boolean>> votes =
            Stream.generate(CompletableFuture<Boolean>::new).limit(4).toList();
    private final CompletableFuture<Votes.Result> result = Votes.count(votes, 3);

    private void fail(int vote) {
        votes.get(vote).completeExceptionally(RequestFailure.notSent("a fake", "it is down", null));
    }

    @Test
    void isCarriedByAMajorityBeforeTheLastIsHeard() {
        votes.get(3).complete(true);
        votes.get(1).complete(true);
        assertThat(result).isNotDone();
        votes.get(2).complete(true);
        assertThat(result).isDone();
        assertThat(result.join().isCarried()).isTrue();
        assertThat(result.join().isRejected()).isFalse();
    }

    @Test
    void isRejectedAsSoonAsItCannotBeCarried() {
        votes.get(0).complete(false);
        votes.get(1).complete(true);
        assertThat(result).isNotDone();
        votes.get(2).complete(false);
        assertThat(result.join().isRejected()).isTrue();
        assertThat(result.join().isCarried()).isFalse();
    }

    @Test
    void isUndecidedWhenTooManyFail() {
        votes.get(0).complete(true);
        fail(1);
        votes.get(2).complete(true);
        assertThat(result).isNotDone();
        fail(3);
        assertThat(result.join().isCarried()).isFalse();
        assertThat(result.join().isRejected()).isFalse();
        assertThat(result.join().failures()).hasSize(2);
    }
}
