package io.balsa.raft.core;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Linearizable reads of a follower's clients (thesis, section 6.4): all that wait share one question to the leader. A
 * read is answered only by the answer to a question that was asked after the read arrived, in the same term, by this run of
 * the server. The question is asked again when its answer is late, and whichever answer comes first counts: else a network that
 * is slower than the repetition would never give one.
 */
final class FollowerReads {
    private final ServerState server;
    private final Deque<Long> waiting = new ArrayDeque<>();
    /** Oldest first. */
    private final Deque<Asked> asked = new ArrayDeque<>();
    /** Begins at a random number in every run, so that no answer to an earlier run's question fits. */
    private long lastQuestion;

    private long askedMillis;

    FollowerReads(ServerState server, long firstQuestion) {
        this.server = server;
        lastQuestion = firstQuestion;
    }

    void add(long requestId) {
        if (server.leader().isEmpty()) {
            server.outbox.refused(requestId, Ready.Refusal.Reason.NOT_LEADER);
        } else if (waiting.size() + asked.size() >= server.options.maxPendingReads()) {
            server.outbox.refused(requestId, Ready.Refusal.Reason.BUSY);
        } else {
            waiting.addLast(requestId);
            if (asked.isEmpty()) {
                ask();
            }
        }
    }

    /** Asks again when the question or its answer seems lost. */
    void tick() {
        if (!asked.isEmpty() && server.nowMillis - askedMillis >= 2 * server.options.heartbeatMillis()) {
            ask();
        }
    }

    private void ask() {
        lastQuestion++;
        waiting.forEach(requestId -> asked.addLast(new Asked(requestId, lastQuestion)));
        waiting.clear();
        askedMillis = server.nowMillis;
        server.outbox.send(
                new Message.ReadIndexRequest(server.self, server.leader().orElseThrow(), server.term(), lastQuestion));
    }

    void handle(Message.ReadIndexResponse response) {
        if (response.requestId() - lastQuestion > 0) { // Also right when the numbers begin anew at the smallest one.
            return;
        }
        while (!asked.isEmpty() && asked.peekFirst().question - response.requestId() <= 0) {
            server.outbox.confirmed(asked.removeFirst().requestId, response.index());
        }
        if (asked.isEmpty() && !waiting.isEmpty()) {
            ask();
        }
    }

    long millisUntilTimeout() {
        return asked.isEmpty() ? Long.MAX_VALUE : askedMillis + 2 * server.options.heartbeatMillis() - server.nowMillis;
    }

    /** Refuses all, when the leader that was asked leads no more. */
    void refuseAll() {
        asked.forEach(read -> server.outbox.refused(read.requestId, Ready.Refusal.Reason.NOT_LEADER));
        asked.clear();
        waiting.forEach(requestId -> server.outbox.refused(requestId, Ready.Refusal.Reason.NOT_LEADER));
        waiting.clear();
    }

    private record Asked(long requestId, long question) {}
}
