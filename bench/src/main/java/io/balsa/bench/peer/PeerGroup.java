package io.balsa.bench.peer;

import io.balsa.bench.replication.ReplicationGroup;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A running group of a peer: hands commands to it until it is closed, and answers for it afterwards. */
final class PeerGroup implements ReplicationGroup {

    /** The peer's own way of taking a command at its leader. */
    interface Replicator {
        void replicate(byte[] command, Completion completion) throws Exception;
    }

    private static final byte[] FIRST_COMMAND = new byte[8];

    private final OpenParts parts;
    private final Replicator replicator;
    private volatile boolean closed;

    private PeerGroup(OpenParts parts, Replicator replicator) {
        this.parts = parts;
        this.replicator = replicator;
    }

    /** The group, once it has taken a first command: some peers name a leader before it can serve. */
    static PeerGroup serving(OpenParts parts, Replicator replicator, Duration limit) throws Exception {
        PeerGroup group = new PeerGroup(parts, replicator);
        Deadline deadline = Deadline.in(limit);
        Throwable refusal = null;
        while (!deadline.isOver()) {
            CompletableFuture<Void> first = new CompletableFuture<>();
            group.submit(FIRST_COMMAND, failure -> {
                if (failure == null) {
                    first.complete(null);
                } else {
                    first.completeExceptionally(failure);
                }
            });
            try {
                first.get(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
                return group;
            } catch (ExecutionException e) {
                refusal = e.getCause();
                deadline.pause();
            }
        }
        TimeoutException timeout = new TimeoutException(parts.product() + " took no command within " + limit);
        timeout.initCause(refusal);
        throw timeout;
    }

    static void complete(Completion completion, CompletableFuture<?> outcome) {
        CompletableFuture<?> unused = outcome.whenComplete((ignored, failure) -> completion.done(failure));
    }

    @Override
    public void submit(byte[] command, Completion completion) {
        if (closed) {
            completion.done(new IllegalStateException(parts.product() + " is closed"));
            return;
        }
        try {
            replicator.replicate(command, completion);
        } catch (Exception e) {
            completion.done(e);
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            parts.close();
        }
    }
}
