package io.balsa.raft.core;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Who belongs to a group (section 6 of the paper; thesis, chapter 4). Immutable. A server uses the latest configuration in its
 * log, committed or not.
 *
 * @param voters who votes and counts; while joint, the new ones
 * @param outgoingVoters while joint, the voters before the change, of whom a majority is needed as well; else empty
 * @param learners who receive the log and neither vote nor count
 * @param removed who once belonged to the group; such a name never comes back
 * @param addresses where the others reach a member, opaque to the core; members without an entry are known by other means
 */
public record Configuration(
        List<NodeId> voters,
        List<NodeId> outgoingVoters,
        List<NodeId> learners,
        List<NodeId> removed,
        Map<NodeId, String> addresses) {

    /** Of a server that was told nothing yet: it waits until a leader calls on it. */
    public static final Configuration EMPTY = new Configuration(List.of(), List.of(), List.of(), List.of(), Map.of());

    public Configuration {
        voters = sorted(voters);
        outgoingVoters = sorted(outgoingVoters);
        learners = sorted(learners);
        removed = sorted(removed);
        addresses = Collections.unmodifiableSortedMap(new TreeMap<>(addresses));
        for (NodeId learner : learners) {
            Invariant.check(!voters.contains(learner) && !outgoingVoters.contains(learner), "a learner does not vote");
        }
        for (NodeId gone : removed) {
            Invariant.check(!voters.contains(gone) && !learners.contains(gone), "a removed server is no member");
        }
        Invariant.check(
                !voters.isEmpty() || (outgoingVoters.isEmpty() && learners.isEmpty()), "a group of members has voters");
    }

    /** A group of voters whose addresses are known by other means. */
    public static Configuration of(List<NodeId> voters) {
        return new Configuration(voters, List.of(), List.of(), List.of(), Map.of());
    }

    /** A group of voters. */
    public static Configuration of(Map<NodeId, String> voters) {
        return new Configuration(List.copyOf(voters.keySet()), List.of(), List.of(), List.of(), voters);
    }

    private static List<NodeId> sorted(List<NodeId> ids) {
        return List.copyOf(new TreeSet<>(ids));
    }

    /** Whether it is that of a server that was told nothing yet. */
    public boolean isEmpty() {
        return voters.isEmpty();
    }

    /** Whether a change of voters is under way, and both majorities are needed. */
    public boolean isJoint() {
        return !outgoingVoters.isEmpty();
    }

    /** Whether a server votes, by the voters of either side. */
    public boolean isVoter(NodeId id) {
        return voters.contains(id) || outgoingVoters.contains(id);
    }

    public boolean isLearner(NodeId id) {
        return learners.contains(id);
    }

    public boolean isMember(NodeId id) {
        return isVoter(id) || isLearner(id);
    }

    /** Everybody who receives the log: voters of both sides and learners, in the order of their names. */
    public List<NodeId> members() {
        SortedSet<NodeId> members = new TreeSet<>(voters);
        members.addAll(outgoingVoters);
        members.addAll(learners);
        return List.copyOf(members);
    }

    /** Everybody who votes, by the voters of either side, in the order of their names. */
    public List<NodeId> allVoters() {
        SortedSet<NodeId> all = new TreeSet<>(voters);
        all.addAll(outgoingVoters);
        return List.copyOf(all);
    }

    /** This group with one more learner. */
    Configuration withLearner(NodeId id, String address) {
        List<NodeId> more = new ArrayList<>(learners);
        more.add(id);
        SortedMap<NodeId, String> known = new TreeMap<>(addresses);
        if (!address.isEmpty()) {
            known.put(id, address);
        }
        return new Configuration(voters, outgoingVoters, more, removed, known);
    }

    /** This group without a learner, whose name does not come back. */
    Configuration withoutLearner(NodeId id) {
        List<NodeId> fewer = new ArrayList<>(learners);
        fewer.remove(id);
        return new Configuration(voters, outgoingVoters, fewer, with(removed, id), without(addresses, id));
    }

    /** The joint configuration through which this group passes to other voters (section 6 of the paper). */
    Configuration joint(List<NodeId> newVoters) {
        List<NodeId> remaining = new ArrayList<>(learners);
        remaining.removeAll(newVoters);
        return new Configuration(newVoters, voters, remaining, removed, addresses);
    }

    /** The configuration in which a joint one ends: the outgoing voters that were not kept are gone for ever. */
    Configuration afterJoint() {
        List<NodeId> gone = new ArrayList<>(removed);
        SortedMap<NodeId, String> known = new TreeMap<>(addresses);
        for (NodeId voter : outgoingVoters) {
            if (!voters.contains(voter)) {
                gone.add(voter);
                known.remove(voter);
            }
        }
        return new Configuration(voters, List.of(), learners, gone, known);
    }

    private static List<NodeId> with(List<NodeId> ids, NodeId id) {
        List<NodeId> more = new ArrayList<>(ids);
        more.add(id);
        return more;
    }

    private static Map<NodeId, String> without(Map<NodeId, String> addresses, NodeId id) {
        SortedMap<NodeId, String> fewer = new TreeMap<>(addresses);
        fewer.remove(id);
        return fewer;
    }

    /** The bytes that a log entry or a snapshot keeps it as; see {@link ConfigurationCodec}. */
    public byte[] encode() {
        return ConfigurationCodec.encode(this);
    }

    /**
     * The reverse of {@link #encode()}.
     *
     * @throws IllegalArgumentException if these bytes are none; the message says why
     */
    public static Configuration decode(byte[] bytes) {
        return ConfigurationCodec.decode(Objects.requireNonNull(bytes, "bytes"));
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(names(voters));
        if (isJoint()) {
            text.append(" joint with ").append(names(outgoingVoters));
        }
        if (!learners.isEmpty()) {
            text.append(" learners ").append(names(learners));
        }
        if (!removed.isEmpty()) {
            text.append(" removed ").append(names(removed));
        }
        return text.toString();
    }

    private static String names(List<NodeId> ids) {
        StringBuilder names = new StringBuilder();
        for (NodeId id : ids) {
            names.append(names.length() == 0 ? "" : ",").append(id);
        }
        return names.toString();
    }
}
