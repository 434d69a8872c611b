package io.balsa.server.command;

import io.balsa.raft.client.RaftClient;
import io.balsa.raft.port.ClientResponse;
import io.balsa.server.CommandFailure;
import io.balsa.server.ExitCode;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/** Has the leader do what an administrator asks for; again while it says that it is too early. */
final class Administration {
    private static final long PAUSE_MILLIS = 100;

    private final Cluster cluster;

    Administration(Cluster cluster) {
        this.cluster = cluster;
    }

    /**
     * Returns when it is done.
     *
     * @throws CommandFailure if the leader refused it, or did not do it in time
     */
    void perform(BiFunction<RaftClient, Duration, CompletableFuture<ClientResponse.Administered>> request) {
        long endNanos = System.nanoTime() + cluster.timeout().toNanos();
        ClientResponse.Administered answer = cluster.administer(client -> attempt(client, request, endNanos));
        if (answer instanceof ClientResponse.Refused refused) {
            throw new CommandFailure(
                    ExitCode.NOT_APPLIED, "refused" + (refused.tryAgain() ? " up to now: " : ": ") + refused.reason());
        } else if (answer instanceof ClientResponse.TransferTimedOut) {
            throw new CommandFailure(
                    ExitCode.NOT_APPLIED, "the other node did not take over in time; the leader goes on leading");
        }
    }

    private static CompletableFuture<ClientResponse.Administered> attempt(
            RaftClient client,
            BiFunction<RaftClient, Duration, CompletableFuture<ClientResponse.Administered>> request,
            long endNanos) {
        Duration remaining = Duration.ofNanos(Math.max(1, endNanos - System.nanoTime()));
        return request.apply(client, remaining).thenCompose(answer -> {
            boolean again = answer instanceof ClientResponse.Refused refused
                    && refused.tryAgain()
                    && endNanos - System.nanoTime() > TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS);
            if (!again) {
                return CompletableFuture.completedFuture(answer);
            }
            return CompletableFuture.completedFuture(answer)
                    .thenComposeAsync(
                            tooEarly -> attempt(client, request, endNanos),
                            CompletableFuture.delayedExecutor(PAUSE_MILLIS, TimeUnit.MILLISECONDS));
        });
    }
}
