package io.balsa.raft.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The leader's side of membership changes (section 6 of the paper; thesis, chapter 4). Learners come and go by one entry;
 * every change of voters passes through a joint configuration, of which adding or removing one is the simple case. A
 * successor finishes what an earlier leader began.
 */
final class MembershipChanger {
    private static final long NO_REQUEST = Long.MIN_VALUE;

    private final ServerState server;
    private final Replication replication;
    private long requestId = NO_REQUEST;

    MembershipChanger(ServerState server, Replication replication) {
        this.server = server;
        this.replication = replication;
    }

    /** Appends the first entry of a change, or says why not. */
    void start(Input.ChangeMembership request) {
        Configuration current = server.configuration();
        if (!replication.hasCommittedInTerm()) {
            // Else two leaders could change the same configuration in ways that share no majority (Ongaro, 2015).
            refuse(request, Ready.Refusal.Reason.NOT_YET, "this leader has not committed an entry of its term yet");
        } else if (current.isJoint() || server.log.configurationIndex() > server.log.commitIndex()) {
            refuse(request, Ready.Refusal.Reason.NOT_YET, "another change is under way: " + current);
        } else {
            Verdict verdict = judge(request.change(), current);
            if (verdict.refusal != null) {
                refuse(request, verdict.refusal, verdict.detail);
            } else if (verdict.next.equals(current)) {
                server.outbox.outcome(request.requestId(), Ready.Outcome.Result.DONE);
            } else if (!hasLiveMajority(verdict.next)) {
                refuse(request, Ready.Refusal.Reason.NOT_YET, whyWithoutMajority(verdict.next));
            } else {
                requestId = request.requestId();
                replication.appendConfiguration(verdict.next);
            }
        }
    }

    /**
     * Whether a majority of the voters to be has answered within an election timeout; else the group would stand still as soon as
     * they decide. Removing one of those that don't answer is just what helps, and stays possible.
     */
    private boolean hasLiveMajority(Configuration next) {
        int voters = next.voters().size();
        return !next.isJoint() || voters - silentOf(next).size() >= Quorum.majority(voters);
    }

    private List<NodeId> silentOf(Configuration next) {
        return next.voters().stream().filter(replication::isSilent).toList();
    }

    private String whyWithoutMajority(Configuration next) {
        return "of the voters " + next.voters() + " that this change leaves, " + silentOf(next)
                + " don't answer, so there would be no majority; start them again, or remove them first";
    }

    private void refuse(Input.ChangeMembership request, Ready.Refusal.Reason reason, String detail) {
        server.outbox.refused(request.requestId(), reason, detail);
    }

    /** What a change leads to. One that is done already leads to the same configuration, so that it may be repeated. */
    private Verdict judge(MembershipChange change, Configuration current) {
        if (change instanceof MembershipChange.AddLearner add) {
            return addLearner(add, current);
        } else if (change instanceof MembershipChange.Promote promote) {
            return promote(promote.id(), current);
        } else if (change instanceof MembershipChange.Remove remove) {
            return remove(remove.id(), current);
        }
        return replace((MembershipChange.Replace) change, current);
    }

    private static Verdict addLearner(MembershipChange.AddLearner add, Configuration current) {
        NodeId id = add.id();
        if (current.removed().contains(id)) {
            return Verdict.invalid(
                    id + " was removed from this group; add the server under a name that was never used");
        }
        if (current.isMember(id)) {
            boolean same = current.addresses().getOrDefault(id, "").equals(add.address());
            return current.isLearner(id) && same
                    ? Verdict.of(current)
                    : Verdict.invalid(
                            id + " is a member already" + at(current.addresses().get(id)));
        }
        for (Map.Entry<NodeId, String> other : current.addresses().entrySet()) {
            if (!add.address().isEmpty() && other.getValue().equals(add.address())) {
                return Verdict.invalid(other.getKey() + " is reached at " + add.address() + " already");
            }
        }
        return Verdict.of(current.withLearner(id, add.address()));
    }

    private static String at(String address) {
        return address == null || address.isEmpty() ? "" : ", at " + address;
    }

    private Verdict promote(NodeId id, Configuration current) {
        if (current.isVoter(id)) {
            return Verdict.of(current);
        }
        if (!current.isLearner(id)) {
            return Verdict.invalid(id + " is no learner of this group");
        }
        if (!replication.hasCaughtUp(id)) {
            return lagging(id);
        }
        List<NodeId> voters = new ArrayList<>(current.voters());
        voters.add(id);
        return Verdict.of(current.joint(voters));
    }

    private static Verdict remove(NodeId id, Configuration current) {
        if (current.removed().contains(id)) {
            return Verdict.of(current);
        }
        if (current.isLearner(id)) {
            return Verdict.of(current.withoutLearner(id));
        }
        if (!current.isVoter(id)) {
            return Verdict.invalid(id + " is no member of this group");
        }
        if (current.voters().size() == 1) {
            return Verdict.invalid(id + " is the only voter of this group");
        }
        List<NodeId> voters = new ArrayList<>(current.voters());
        voters.remove(id);
        return Verdict.of(current.joint(voters));
    }

    private Verdict replace(MembershipChange.Replace replace, Configuration current) {
        NodeId leaving = replace.voter();
        NodeId coming = replace.learner();
        if (current.removed().contains(leaving) && current.voters().contains(coming)) {
            return Verdict.of(current);
        }
        if (!current.isVoter(leaving)) {
            return Verdict.invalid(leaving + " is no voter of this group");
        }
        if (!current.isLearner(coming)) {
            return Verdict.invalid(coming + " is no learner of this group; add it first");
        }
        if (!replication.hasCaughtUp(coming)) {
            return lagging(coming);
        }
        List<NodeId> voters = new ArrayList<>(current.voters());
        voters.remove(leaving);
        voters.add(coming);
        return Verdict.of(current.joint(voters));
    }

    private Verdict lagging(NodeId id) {
        return new Verdict(
                null,
                Ready.Refusal.Reason.NOT_YET,
                "the log of " + id + " has not caught up: it has " + replication.matchIndexOf(id) + " of "
                        + server.log.lastIndex() + " entries");
    }

    /**
     * Goes on when the latest configuration is committed: from a joint one to the one it ends in, and from that to the answer.
     *
     * @return whether this server is no voter any more and must step down, since others lead the group from here on
     */
    boolean advance() {
        Configuration current = server.configuration();
        if (!replication.hasCommittedInTerm() || server.log.configurationIndex() > server.log.commitIndex()) {
            return false;
        }
        if (current.isJoint()) {
            replication.appendConfiguration(current.afterJoint());
            return false;
        }
        replication.forgetLeavers();
        if (requestId != NO_REQUEST) {
            server.outbox.outcome(requestId, Ready.Outcome.Result.DONE);
            requestId = NO_REQUEST;
        }
        return !current.isVoter(server.self);
    }

    /** A successor may or may not have received the change. */
    void leadershipEnded() {
        if (requestId != NO_REQUEST) {
            server.outbox.outcome(requestId, Ready.Outcome.Result.UNKNOWN);
            requestId = NO_REQUEST;
        }
    }

    private record Verdict(Configuration next, Ready.Refusal.Reason refusal, String detail) {
        static Verdict of(Configuration next) {
            return new Verdict(next, null, "");
        }

        static Verdict invalid(String detail) {
            return new Verdict(null, Ready.Refusal.Reason.INVALID, detail);
        }
    }
}
