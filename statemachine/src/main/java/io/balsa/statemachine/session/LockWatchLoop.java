package io.balsa.statemachine.session;

import io.balsa.raft.client.RequestException;
import io.balsa.raft.port.ReadConsistency;
import io.balsa.statemachine.proto.Answer;
import io.balsa.statemachine.proto.GetLock;
import io.balsa.statemachine.proto.LockState;
import io.balsa.statemachine.proto.WatchLock;

/**
 * Asks who holds a lock, tells the listener, and asks again for other holders than those.
 *
 * <p>Any server can answer, because the version says what was seen and the index how old the answer may be: so a failover
 * neither hides the present holders nor brings former ones back.
 */
final class LockWatchLoop extends WatchLoop implements LockWatch {
    private final String name;
    private final LockListener listener;
    private boolean begun;
    private long version;
    private long index;

    private LockWatchLoop(ClientSession session, String name, LockListener listener) {
        super(session, name, "watch lock '" + name + "'");
        this.name = name;
        this.listener = listener;
    }

    static LockWatch start(ClientSession session, String name, LockListener listener) {
        LockWatchLoop watch = new LockWatchLoop(session, name, listener);
        watch.begin();
        return watch;
    }

    @Override
    void askNext() {
        if (begun) {
            follow();
        } else {
            // Whoever begins to watch after a grant was acknowledged is told of that holder, or of a later one.
            GetLock query = GetLock.newBuilder().setName(name).build();
            ask(session().read(ReadConsistency.LINEARIZABLE, builder -> builder.setGetLock(query), what()), this::tell);
        }
    }

    @Override
    void tellEnd(RequestException cause) {
        listener.onEnd(cause);
    }

    private void follow() {
        WatchLock query =
                WatchLock.newBuilder().setName(name).setSeenVersion(version).build();
        ask(session().await(consistency(), index, builder -> builder.setWatchLock(query), POLL, what()), answer -> {
            polled(answer.isPresent());
            answer.ifPresent(this::tell);
        });
    }

    private void tell(Answer answer) {
        if (!answer.hasLockState()) {
            throw Wire.unexpected(what(), answer.getAnswerCase());
        }
        LockState state = answer.getLockState();
        begun = true;
        version = state.getVersion();
        index = Math.max(index, state.getIndex());
        listener.onHolders(LockWire.info(name, state.toBuilder().clearWaiters().build(), what()));
    }
}
