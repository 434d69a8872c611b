package io.balsa.raft.core;

/**
 * What a leader knows of another member.
 *
 * @param voter whether it votes, or is a learner
 * @param matchIndex up to here its log is known to equal the leader's, durably
 * @param caughtUp whether a learner may be promoted
 * @param mode how entries are sent to it: {@code PROBE}, {@code REPLICATE} or {@code SNAPSHOT}
 * @param silentMillis how long nothing was heard of it
 */
public record MemberProgress(
        NodeId id, boolean voter, long matchIndex, boolean caughtUp, String mode, long silentMillis) {}
