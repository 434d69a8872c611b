package io.balsa.raft.adapter;

import io.balsa.raft.port.GroupTransports;

/** What is asked of the name of a group. */
final class GroupNames {
    private GroupNames() {}

    static void check(String group) {
        if (group.isEmpty() || group.length() > GroupTransports.MAX_NAME_LENGTH) {
            throw new IllegalArgumentException("the name of a group has 1 to " + GroupTransports.MAX_NAME_LENGTH
                    + " characters, not " + group.length());
        }
    }

    static IllegalStateException taken(String group) {
        return new IllegalStateException("group '" + group + "' has a transport already; close that one first");
    }
}
