package io.balsa.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.client.NotAppliedException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/** What becomes of a caller who waits and is interrupted. */
class FuturesTest {
    @Test
    void anInterruptGivesUp() {
        CompletableFuture<String> future = new CompletableFuture<>();
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> Futures.joinOrCancel(future, "acquire lock 'orders'"))
                .isInstanceOf(NotAppliedException.class)
                .hasMessageContaining("'orders'");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(future).isCancelled();
    }

    @Test
    void anAnswerThatComesWithTheInterruptIsTheCallers() {
        CompletableFuture<String> future = new CompletableFuture<>() {
            @Override
            public String get() throws InterruptedException, ExecutionException {
                if (complete("granted")) {
                    throw new InterruptedException("just before the answer came");
                }
                return super.get();
            }
        };
        assertThat(Futures.joinOrCancel(future, "acquire lock 'orders'")).isEqualTo("granted");
        assertThat(Thread.interrupted()).as("told afterwards").isTrue();
    }
}
