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

    /** Of one that is written to files. */
    static void checkPlain(String group) {
        check(group);
        if (group.codePoints()
                .anyMatch(each -> Character.isISOControl(each) || Character.getType(each) == Character.SURROGATE)) {
            throw new IllegalArgumentException(
                    "the name of a group whose log is on disk has no control characters and no halves of characters");
        }
    }

    static IllegalStateException taken(String group) {
        return new IllegalStateException("group '" + group + "' has a transport already; close that one first");
    }
}
