package io.balsa.raft.core;

import java.util.Optional;

/** The state that all parts of a core share: figure 2 of the paper, the time, and the way out. */
final class ServerState {
    final CoreOptions options;
    final NodeId self;
    final RaftLog log;
    final Outbox outbox;

    /** Milliseconds of ticks since this core began. */
    long nowMillis;

    private long term;
    private Optional<NodeId> votedFor;
    private Role role = Role.FOLLOWER;
    private Optional<NodeId> leader = Optional.empty();

    ServerState(CoreOptions options, HardState hardState, Optional<SnapshotMetadata> snapshot, LogReader reader) {
        this.options = options;
        self = options.self();
        log = new RaftLog(reader, snapshot, options);
        outbox = new Outbox(log.configurationChanges());
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

    /** Who belongs to the group: the latest configuration in the log, committed or not (section 6). */
    Configuration configuration() {
        return log.configuration();
    }

    /** Whether this server's vote counts. */
    boolean isVoter() {
        return configuration().isVoter(self);
    }

    /**
     * Whether this server may campaign. Whoever votes for it does not ask. One that is leaving still may until that is committed,
     * for perhaps nobody else has the entry that says so, and then nobody else can be elected (thesis, section 4.2.2).
     */
    boolean mayCampaign() {
        return isVoter()
                || (log.configurationIndex() > log.commitIndex()
                        && log.configurationBefore().isVoter(self));
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
