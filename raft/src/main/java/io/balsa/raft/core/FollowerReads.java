package io.balsa.raft.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Linearizable reads of a follower's clients (thesis, section 6.4): all that wait share one question to the leader. A
 * read is answered only by the answer to a question that was asked after the read arrived, in the same term, by this run of
 * the server.
 */
final class FollowerReads {
    private final ServerState server;
    private final Deque<Long> waiting = new ArrayDeque<>();
    private List<Long> asked = new ArrayList<>();
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
        asked.addAll(waiting);
        waiting.clear();
        lastQuestion++;
        askedMillis = server.nowMillis;
        server.outbox.send(
                new Message.ReadIndexRequest(server.self, server.leader().orElseThrow(), server.term(), lastQuestion));
    }

    void handle(Message.ReadIndexResponse response) {
        if (asked.isEmpty() || response.requestId() != lastQuestion) {
            return;
        }
        for (long requestId : asked) {
            server.outbox.confirmed(requestId, response.index());
        }
        asked = new ArrayList<>();
        if (!waiting.isEmpty()) {
            ask();
        }
    }

    long millisUntilTimeout() {
        return asked.isEmpty() ? Long.MAX_VALUE : askedMillis + 2 * server.options.heartbeatMillis() - server.nowMillis;
    }

    /** Refuses all, when the leader that was asked leads no more. */
    void refuseAll() {
        asked.addAll(waiting);
        waiting.clear();
        for (long requestId : asked) {
            server.outbox.refused(requestId, Ready.Refusal.Reason.NOT_LEADER);
        }
        asked = new ArrayList<>();
    }
}
