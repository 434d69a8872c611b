package io.balsa.raft.node;

import io.balsa.raft.core.Ready;

/** Told when the node's role, term or leader changes. */
@FunctionalInterface
public interface RoleListener {
    /**
     * Called on the node's executor, in order, one call at a time. When it is so slow that changes pile up, the oldest are
     * left out; the latest never is.
     */
    void onRoleChange(Ready.RoleChange change);
}
