package io.balsa.raft.node;

import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.Ready;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a listener, and the log, of role changes: in order and away from the threads of Raft, however slow it is. */
final class RoleAnnouncer {
    private static final Logger LOG = LoggerFactory.getLogger(RoleAnnouncer.class);
    private static final int MAX_WAITING = 64;

    private final NodeId self;
    private final RoleListener listener;
    private final Executor executor;
    private final Deque<Ready.RoleChange> waiting = new ArrayDeque<>();
    private boolean announcing;
    private Optional<NodeId> loggedLeader = Optional.empty();
    private long loggedTerm;

    RoleAnnouncer(NodeId self, RoleListener listener, Executor executor) {
        this.self = self;
        this.listener = listener;
        this.executor = executor;
    }

    /** Passes a change on. Never blocks. */
    void announce(Ready.RoleChange change) {
        synchronized (this) {
            if (waiting.size() == MAX_WAITING) {
                waiting.removeFirst();
            }
            waiting.addLast(change);
            if (announcing) {
                return;
            }
            announcing = true;
        }
        try {
            executor.execute(this::announceAll);
        } catch (RejectedExecutionException rejected) {
            LOG.warn("the executor takes no more tasks; nobody is told of role changes");
        }
    }

    /** Once for each leader and term: whoever does not vote loses sight of a leader and finds it again, and that is no news. */
    private void logLeader(Ready.RoleChange change) {
        boolean isNew = change.term() != loggedTerm || !change.leader().equals(loggedLeader);
        if (change.leader().isPresent() && isNew) {
            loggedLeader = change.leader();
            loggedTerm = change.term();
            LOG.info("node {}: {} leads term {}", self, change.leader().get(), change.term());
        }
    }

    private void announceAll() {
        while (true) {
            Ready.RoleChange change;
            synchronized (this) {
                change = waiting.pollFirst();
                if (change == null) {
                    announcing = false;
                    return;
                }
            }
            logLeader(change);
            try {
                listener.onRoleChange(change);
            } catch (RuntimeException failure) {
                LOG.warn("a role listener failed on {}", change, failure);
            }
        }
    }
}
