package io.balsa.raft.core;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Reads that wait until the leader knows that it still was one after they arrived (thesis, section 6.4, "read index").
 *
 * <p>All reads that arrive while a round is under way share the next one. A read waits for a round that began after it, so an
 * echo that was on its way already never confirms it.
 */
final class ReadIndexQueue {
    private static final long NO_ROUND = Long.MAX_VALUE;

    private final ServerState server;
    /** Oldest first; those at the end have no round yet. */
    private final Deque<WaitingRead> waiting = new ArrayDeque<>();

    private long lastRound;
    private int withoutRound;
    private boolean hasConfirmed;

    ReadIndexQueue(ServerState server) {
        this.server = server;
    }

    /** Takes a read of this server's clients, or refuses it when too many wait. */
    void add(long requestId) {
        if (isFull()) {
            server.outbox.refused(requestId, Ready.Refusal.Reason.BUSY);
        } else {
            add(new WaitingRead(requestId, null));
        }
    }

    /** Takes a question of a follower, or drops it when too many wait; then the follower asks again. */
    void add(Message.ReadIndexRequest request) {
        if (!isFull()) {
            add(new WaitingRead(request.requestId(), request.from()));
        }
    }

    private boolean isFull() {
        return waiting.size() >= server.options.maxPendingReads();
    }

    private void add(WaitingRead read) {
        waiting.addLast(read);
        withoutRound++;
    }

    /**
     * Whether a round should begin. Before an entry of its own term is committed a new leader does not know what is, so all
     * reads wait until then.
     */
    boolean wantsRound(Replication replication) {
        return withoutRound > 0 && replication.hasCommittedInTerm() && replication.confirmedRound() >= lastRound;
    }

    /** Begins a round for all reads that have none. They read at least what is committed now. */
    void startRound(Replication replication) {
        lastRound = replication.startRound();
        for (WaitingRead read : waiting) {
            if (read.round == NO_ROUND) {
                read.round = lastRound;
                read.index = server.log.commitIndex();
            }
        }
        withoutRound = 0;
        confirm(replication); // The only voter of a group confirms itself.
        hasConfirmed = false;
    }

    /** Confirms the reads whose round a majority has echoed. */
    void confirm(Replication replication) {
        long confirmedRound = replication.confirmedRound();
        while (!waiting.isEmpty() && waiting.peekFirst().round <= confirmedRound) {
            WaitingRead read = waiting.removeFirst();
            if (read.follower == null) {
                hasConfirmed = true;
                server.outbox.confirmed(read.requestId, read.index);
            } else {
                server.outbox.send(new Message.ReadIndexResponse(
                        server.self, read.follower, server.term(), read.requestId, read.index));
            }
        }
    }

    /** Whether the echoes of a round have confirmed reads of this server's clients since the last call. */
    boolean takeConfirmed() {
        boolean taken = hasConfirmed;
        hasConfirmed = false;
        return taken;
    }

    /** Refuses all reads that wait, when leadership is lost. */
    void refuseAll() {
        for (WaitingRead read : waiting) {
            if (read.follower == null) {
                server.outbox.refused(read.requestId, Ready.Refusal.Reason.NOT_LEADER);
            }
        }
        waiting.clear();
        withoutRound = 0;
        lastRound = 0;
        hasConfirmed = false;
    }

    private static final class WaitingRead {
        private final long requestId;
        /** Who asked, null if it was a client of this server. */
        private final NodeId follower;

        private long round = NO_ROUND;
        private long index;

        WaitingRead(long requestId, NodeId follower) {
            this.requestId = requestId;
            this.follower = follower;
        }
    }
}
