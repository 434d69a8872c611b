package io.balsa.simulation;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.raft.core.LogEntry;
import io.balsa.statemachine.CoordinationStateMachine;
import io.balsa.statemachine.proto.Answer;
import io.balsa.statemachine.proto.Command;
import io.balsa.statemachine.proto.Error;
import io.balsa.statemachine.proto.GetSession;
import io.balsa.statemachine.proto.Query;
import io.balsa.statemachine.proto.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Reckons from the log alone when each session ends: until then its commands are executed, from then on they are not, whatever
 * the client may still believe.
 */
final class SessionTimes {
    private static final class Open {
        private final ByteString nonce;
        private final long ttlMillis;
        private long untilMillis;

        private Open(ByteString nonce, long ttlMillis) {
            this.nonce = nonce;
            this.ttlMillis = ttlMillis;
        }
    }

    private final WorkloadContext context;
    private final CoordinationStateMachine reference;
    private final Map<Long, Open> sessions = new HashMap<>();

    /** @param reference has applied the entry that is told, and all before it */
    SessionTimes(WorkloadContext context, CoordinationStateMachine reference) {
        this.context = context;
        this.reference = reference;
    }

    /** Time passes with every entry. */
    void pass(LogEntry entry) {
        List<Long> ended = new ArrayList<>();
        sessions.forEach((id, session) -> {
            if (session.untilMillis <= entry.timeMillis()) {
                ended.add(id);
            }
        });
        for (long id : ended) {
            sessions.remove(id);
            context.require(
                    !isOpen(id),
                    "session-end",
                    () -> "session %d is still open after entry %d, although its time is over"
                            .formatted(id, entry.index()));
        }
    }

    /** Whether a session's time is not over, by the log. */
    boolean lasts(long id) {
        return sessions.containsKey(id);
    }

    private boolean isOpen(long id) {
        byte[] query = Query.newBuilder()
                .setVersion(ServiceWatchers.QUERY_VERSION)
                .setGetSession(GetSession.newBuilder().setSession(id))
                .build()
                .toByteArray();
        CompletableFuture<byte[]> reply = new CompletableFuture<>();
        reference.read(query, reply);
        try {
            return Answer.parseFrom(reply.join()).getSessionState().getOpen();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the state of a session can't be read", e);
        }
    }

    /** A command has this result, be it the first time or again. */
    void executed(LogEntry entry, Command command, Result result) {
        if (command.hasOpenSession()) {
            opened(entry, command, result);
            return;
        }
        Open session = sessions.get(command.getSession());
        boolean refused = result.getError().getCode() == Error.Code.SESSION_EXPIRED;
        context.require(
                refused == (session == null), "session-end", () -> "entry %d of session %d, which %s, has the result %s"
                        .formatted(
                                entry.index(),
                                command.getSession(),
                                session == null
                                        ? "is over"
                                        : "lasts from " + entry.timeMillis() + " until " + session.untilMillis,
                                result));
        if (session == null) {
            return;
        }
        session.untilMillis = entry.timeMillis() + session.ttlMillis;
        if (command.hasCloseSession()) {
            sessions.remove(command.getSession());
        }
    }

    private void opened(LogEntry entry, Command command, Result result) {
        if (!result.hasSessionOpened()) {
            return;
        }
        long id = result.getSessionOpened().getSession();
        ByteString nonce = command.getOpenSession().getNonce();
        Open session = sessions.get(id);
        if (session == null) {
            context.require(id == entry.index(), "session-end", () -> "entry %d opens session %d, which is over"
                    .formatted(entry.index(), id));
            session = new Open(nonce, command.getOpenSession().getTtlMillis());
            sessions.put(id, session);
        }
        Open known = session;
        context.require(
                known.nonce.equals(nonce), "session-end", () -> "entry %d opens session %d, which is another client's"
                        .formatted(entry.index(), id));
        session.untilMillis = entry.timeMillis() + session.ttlMillis;
    }
}
