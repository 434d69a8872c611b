package io.balsa.raft.core;

import java.util.List;
import java.util.Optional;

/** The state that all parts of a core share: figure 2 of the paper, the time, and the way out. */
final class ServerState {
    final CoreOptions options;
    final NodeId self;
    final List<NodeId> peers;
    final RaftLog log;
    final Outbox outbox = new Outbox();

    /** Milliseconds of ticks since this core began. */
    long nowMillis;

    private long term;
    private Optional<NodeId> votedFor;
    private Role role = Role.FOLLOWER;
    private Optional<NodeId> leader = Optional.empty();

    ServerState(CoreOptions options, HardState hardState, LogReader reader) {
        this.options = options;
        self = options.self();
        peers = options.initialConfiguration().voters().stream()
                .filter(voter -> !voter.equals(self))
                .toList();
        log = new RaftLog(reader, options.maxCachedBytes());
        term = hardState.term();
        votedFor = hardState.votedFor();
        Invariant.check(
                log.lastTerm() <= term, "the log's last term %d is not beyond the server's %d", log.lastTerm(), term);
    }

    long term() {
        return term;
    }

    Optional<NodeId> votedFor() {
        return votedFor;
    }

    Role role() {
        return role;
    }

    Optional<NodeId> leader() {
        return leader;
    }

    int voterCount() {
        return options.initialConfiguration().voters().size();
    }

    boolean isLeader() {
        return role == Role.LEADER;
    }

    HardState hardState() {
        return new HardState(term, votedFor);
    }

    Ready.RoleChange roleChange() {
        return new Ready.RoleChange(role, term, leader);
    }

    /** Enters a later term, in which this server has not voted. */
    void enterTerm(long newTerm) {
        Invariant.check(newTerm > term, "term %d comes after %d", newTerm, term);
        term = newTerm;
        votedFor = Optional.empty();
        outbox.hardStateChanged();
        outbox.roleChanged();
    }

    /** Gives this term's one vote away. */
    void voteFor(NodeId candidate) {
        Invariant.check(
                votedFor.isEmpty() || votedFor.get().equals(candidate),
                "a server has one vote in a term (section 5.2)");
        if (votedFor.isEmpty()) {
            votedFor = Optional.of(candidate);
            outbox.hardStateChanged();
        }
    }

    void become(Role newRole, Optional<NodeId> newLeader) {
        if (role != newRole || !leader.equals(newLeader)) {
            role = newRole;
            leader = newLeader;
            outbox.roleChanged();
        }
    }
}
