package io.balsa.statemachine.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.RaftClient;
import io.balsa.raft.client.Timer;
import io.balsa.raft.port.ClientResponse;
import io.balsa.statemachine.proto.KeepAlive;
import io.balsa.statemachine.proto.Result;
import io.balsa.statemachine.proto.SessionOpened;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The commands of a session whose server answers when the test says so; all on the thread of the test. */
class SessionCommandsTest {
    private static final Duration TTL = Duration.ofSeconds(10);
    private static final int MOST_UNDER_WAY = 512;

    private final List<Runnable> scheduled = new ArrayList<>();
    private final ManualTimer runtime = new ManualTimer() {
        @Override
        public Runnable schedule(long delayNanos, Runnable command) {
            scheduled.add(command);
            return super.schedule(delayNanos, command);
        }
    };
    private final List<CompletableFuture<ClientResponse>> sent = new ArrayList<>();
    private final RaftClient client = RaftClient.builder()
            .service("server:1", request -> {
                CompletableFuture<ClientResponse> answer = new CompletableFuture<>();
                sent.add(answer);
                return answer;
            })
            .executor(Runnable::run)
            .timer(new StandingTimer())
            .build();
    private final ClientSession session = open();

    /** The client's own timeouts never come. */
    private static final class StandingTimer implements Timer {
        @Override
        public long nanoTime() {
            return 1;
        }

        @Override
        public Runnable schedule(long delayNanos, Runnable task) {
            return () -> {};
        }

        @Override
        public void close() {
            // There is no thread to end.
        }
    }

    private ClientSession open() {
        SessionOptions options = SessionOptions.builder()
                .ttl(TTL)
                .requestTimeout(TTL.multipliedBy(6))
                .keepAlive(false)
                .build();
        CompletableFuture<ClientSession> opening = ClientSession.openAsync(client, () -> {}, options, runtime);
        answer(
                0,
                Result.newBuilder().setSessionOpened(SessionOpened.newBuilder().setSession(7)));
        return opening.join();
    }

    @AfterEach
    void end() {
        session.detach();
        client.close();
    }

    private void answer(int index, Result.Builder result) {
        sent.get(index)
                .complete(new ClientResponse.Applied(index + 1, result.build().toByteArray()));
    }

    private static Operation operation(String what) {
        return new Operation(what, command -> command.setKeepAlive(KeepAlive.getDefaultInstance()));
    }

    /** As many commands as may be under way; the first of them is the second that was sent. */
    private void fillTheWindow() {
        List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
        for (int i = 0; i < MOST_UNDER_WAY; i++) {
            outcomes.add(session.commands().submit(operation("fill the window")));
        }
        assertThat(outcomes).noneMatch(CompletableFuture::isDone);
        assertThat(session.commands().submit(operation("one too many"))).isCompletedExceptionally();
    }

    @Test
    void whatWasSentInItsTurnIsNotSaidToBeUnsentByATimerThatIsALittleLate() {
        fillTheWindow();
        CompletableFuture<Outcome> outcome = session.commands().submitInTurn(operation("patient"));
        Runnable endOfPatience = scheduled.get(scheduled.size() - 1);
        answer(1, Result.newBuilder());
        assertThat(sent).hasSize(1 + MOST_UNDER_WAY + 1);

        // The timer had begun with it when it was taken back.
        endOfPatience.run();
        assertThat(outcome).isNotDone();
        answer(1 + MOST_UNDER_WAY, Result.newBuilder());
        assertThat(outcome).isCompletedWithValueMatching(value -> value.index() == 1 + MOST_UNDER_WAY + 1);
    }

    @Test
    void whatIsSaidToBeUnsentIsNotSentWhenThereIsRoom() {
        fillTheWindow();
        CompletableFuture<Outcome> outcome = session.commands().submitInTurn(operation("patient"));
        scheduled.get(scheduled.size() - 1).run();
        assertThatThrownBy(outcome::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(NotAppliedException.class)
                .hasMessageContaining("was not sent");
        answer(1, Result.newBuilder());
        assertThat(sent).hasSize(1 + MOST_UNDER_WAY);
        assertThat(session.commands().submit(operation("next")))
                .as("it took no room")
                .isNotDone();
    }

    @Test
    void aLostSessionEndsThousandsThatWaitForTheirTurn() {
        List<CompletableFuture<Optional<LockGrant>>> acquisitions = new ArrayList<>();
        for (int i = 0; i < 9_000; i++) {
            acquisitions.add(session.locks()
                    .acquireAsync(LockRequest.exclusive("lock", TTL).waiting(TTL.multipliedBy(6))));
        }
        assertThat(sent).hasSize(1 + MOST_UNDER_WAY);
        runtime.advance(TTL.toMillis(), TimeUnit.MILLISECONDS);
        assertThat(session.state()).isEqualTo(SessionState.LOST);
        for (CompletableFuture<Optional<LockGrant>> acquisition : acquisitions) {
            assertThatThrownBy(acquisition::join).hasCauseInstanceOf(SessionExpiredException.class);
        }
    }
}
