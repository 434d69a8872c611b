package io.balsa.raft.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Leader election (section 5.2 of the paper) with pre-vote (thesis, section 9.6): the election timeout, the votes that this
 * server asks for, and those that it gives.
 */
final class Election {
    private final ServerState server;
    private final SplittableRandom random;
    private final Map<NodeId, Boolean> votes = new HashMap<>();
    private long timeoutStartedMillis;
    private long timeoutMillis;
    /** When a leader of the current term was last heard; a server that never heard one has no reason to protect it. */
    private long leaderHeardMillis;

    private boolean leaderHeard;

    Election(ServerState server) {
        this.server = server;
        random = new SplittableRandom(server.options.seed());
        restartTimeout();
        if (server.configuration().allVoters().equals(List.of(server.self))) {
            timeoutMillis = 1; // There is nobody to wait for.
        }
        // It may have promised a leader its loyalty just before it stopped, and that leader's lease counts on it.
        leaderHeard = server.term() > 0;
    }

    /** Begins a new timeout, random so that servers rarely time out together. */
    void restartTimeout() {
        long base = server.options.electionTimeoutMillis();
        timeoutStartedMillis = server.nowMillis;
        long patience = base * (CoreOptions.HIGHEST_PRIORITY - server.options.electionPriority());
        timeoutMillis = base + random.nextLong(base) + patience / CoreOptions.HIGHEST_PRIORITY;
    }

    /** Notes that the leader of the current term is alive. */
    void heardLeader() {
        leaderHeard = true;
        leaderHeardMillis = server.nowMillis;
        restartTimeout();
    }

    boolean isTimedOut() {
        return millisUntilTimeout() <= 0;
    }

    long millisUntilTimeout() {
        return timeoutStartedMillis + timeoutMillis - server.nowMillis;
    }

    /** Asks whether the others would vote for this server; no term changes, so nobody is disturbed if they would not. */
    void startPreVote() {
        votes.clear();
        restartTimeout();
        server.become(Role.PRE_CANDIDATE, Optional.empty());
        for (NodeId peer : otherVoters()) {
            server.outbox.send(new Message.PreVote(
                    server.self, peer, server.term() + 1, server.log.lastIndex(), server.log.lastTerm()));
        }
        votes.put(server.self, true);
    }

    /** Somebody who does not vote has nothing to do about a silent leader but wait for the next. */
    void forgetLeader() {
        restartTimeout();
        server.become(Role.FOLLOWER, Optional.empty());
    }

    private List<NodeId> otherVoters() {
        List<NodeId> others = new ArrayList<>(server.configuration().allVoters());
        others.remove(server.self);
        return others;
    }

    /**
     * Enters the next term, votes for itself and asks for the others' votes.
     *
     * @param leadershipTransfer whether the leader wants it so
     */
    void startElection(boolean leadershipTransfer) {
        votes.clear();
        restartTimeout();
        server.enterTerm(server.term() + 1);
        server.voteFor(server.self);
        server.become(Role.CANDIDATE, Optional.empty());
        for (NodeId peer : otherVoters()) {
            server.outbox.send(new Message.RequestVote(
                    server.self,
                    peer,
                    server.term(),
                    server.log.lastIndex(),
                    server.log.lastTerm(),
                    leadershipTransfer));
        }
        votes.put(server.self, true);
    }

    /**
     * Counts an answer. One that is granted stays granted, and replaces one that was refused: the refusal may be a late
     * answer to an earlier question.
     */
    void count(NodeId voter, boolean granted) {
        if (server.configuration().isVoter(voter)) {
            votes.merge(voter, granted, Boolean::logicalOr);
        }
    }

    Quorum.Verdict verdict() {
        return Quorum.verdict(server.configuration(), votes);
    }

    /**
     * Whether this server has heard of a leader so recently that it believes it alive, and so refuses to help replace it
     * (end of section 6 of the paper; thesis, section 4.2.3). A server that returns from a partition, or that alone cannot
     * hear the leader, thus disturbs nobody.
     */
    boolean believesLeaderAlive() {
        return server.isLeader()
                || (leaderHeard && server.nowMillis - leaderHeardMillis < server.options.electionTimeoutMillis());
    }

    /** Answers a pre-vote. It may ask for a term that is far ahead; nothing of this server changes. */
    void answer(Message.PreVote request) {
        boolean granted = request.term() > server.term()
                && !believesLeaderAlive()
                && server.log.isUpToDate(request.lastLogIndex(), request.lastLogTerm());
        long term = granted ? request.term() : server.term();
        server.outbox.send(new Message.PreVoteResponse(server.self, request.from(), term, granted));
    }

    /**
     * Answers a request for a vote in the current term. A server may have come to this term by other ways than by losing
     * its leader, and that leader's lease counts on it all the same.
     */
    void answer(Message.RequestVote request) {
        boolean mayVote = server.votedFor()
                .map(candidate -> candidate.equals(request.from()))
                .orElse(server.leader().isEmpty() && (request.leadershipTransfer() || !believesLeaderAlive()));
        boolean granted = mayVote && server.log.isUpToDate(request.lastLogIndex(), request.lastLogTerm());
        if (granted) {
            server.voteFor(request.from());
            restartTimeout();
        }
        server.outbox.send(new Message.RequestVoteResponse(server.self, request.from(), server.term(), granted));
    }
}
