package io.balsa.simulation;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.HardState;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.Role;
import io.balsa.raft.port.NodeStatus;
import io.balsa.raft.port.StateMachine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * What must hold of a group whatever happens to it (figure 3 of the paper, and Balsa's own promises), checked at each step
 * against what was seen before. It survives the crashes of the servers.
 */
final class Ledger {
    /** Every so many entries the states of the servers are compared. */
    private static final long HASH_EVERY = 32;

    private record Position(long index, long term) {}

    private record Written(LogEntry entry, long previousTerm) {}

    private record Committed(LogEntry entry, long byTerm) {}

    private record Observed(long term, long commitIndex, long lastApplied, Configuration configuration) {}

    private static final Observed NOTHING = new Observed(0, 0, 0, Configuration.EMPTY);

    private final Cluster cluster;
    private final Map<Long, NodeId> leaders = new HashMap<>();
    private final Map<Position, Written> entries = new HashMap<>();
    private final Map<Long, Long> lastIndexOfLeader = new HashMap<>();
    private final List<Committed> committed = new ArrayList<>();
    private final Map<Long, Long> hashes = new HashMap<>();
    private final Map<NodeId, Observed> observed = new HashMap<>();
    private final Map<NodeId, HardState> saved = new HashMap<>();
    private final List<Integer> results = new ArrayList<>();
    private final Votes votes;
    private final Map<NodeId, Long> lastWritten = new HashMap<>();
    /** Servers that wrote over entries, and have not said since that they agree with a leader. */
    private final Set<NodeId> overwritten = new HashSet<>();

    private final Members members;
    private BiConsumer<LogEntry, byte[]> onFirstApplied = (entry, result) -> {};

    Ledger(Cluster cluster) {
        this.cluster = cluster;
        this.members = new Members(cluster.world(), Configuration.of(cluster.firstVoters()));
        this.votes = new Votes(cluster.world());
    }

    /** Has every committed entry told, with its result, when it is applied first. */
    void onFirstApplied(BiConsumer<LogEntry, byte[]> listener) {
        onFirstApplied = listener;
    }

    /** How many entries were committed. */
    long committedEntries() {
        return committed.size();
    }

    int terms() {
        return leaders.size();
    }

    /** Who belongs to the group, as was committed last. */
    Configuration configuration() {
        return members.committed();
    }

    /** What any server may take for the configuration now or later, of what was proposed so far. */
    List<Configuration> possibleConfigurations() {
        return members.possible(committed.size());
    }

    /** A committed entry. */
    LogEntry committed(long index) {
        return committed.get((int) index - 1).entry();
    }

    // ---- what the servers do ---------------------------------------------------------------------------------------

    void started(SimulatedNode node, NodeStatus status) {
        observed.put(node.id(), NOTHING);
        HardState before = saved.getOrDefault(node.id(), HardState.INITIAL);
        require(
                node.disk().hardState().term() >= before.term(),
                "term-monotonic",
                () -> "%s starts in term %d, and was in %d before"
                        .formatted(node, node.disk().hardState().term(), before.term()));
    }

    void ended(SimulatedNode node) {
        observed.put(node.id(), NOTHING);
    }

    void saved(SimulatedNode node, HardState state) {
        World world = cluster.world();
        world.trace().event(world.nowNanos(), node.index(), state.hashCode());
        if (world.trace().isReadable()) {
            world.trace().line(world.nowNanos(), node.id().value(), "saves " + Describe.hardState(state));
        }
        votes.saved(node.id(), state);
        HardState before = saved.put(node.id(), state);
        if (before == null) {
            return;
        }
        require(state.term() >= before.term(), "term-monotonic", () -> "%s saves term %d after %d"
                .formatted(node, state.term(), before.term()));
        require(
                state.term() > before.term()
                        || before.votedFor().isEmpty()
                        || before.votedFor().equals(state.votedFor()),
                "one-vote-per-term",
                () -> "%s voted for %s in term %d, and now for %s"
                        .formatted(node, before.votedFor(), state.term(), state.votedFor()));
    }

    void appended(SimulatedNode node, List<LogEntry> appended) {
        World world = cluster.world();
        Long lastWritten = this.lastWritten.put(
                node.id(), appended.get(appended.size() - 1).index());
        if (lastWritten != null && lastWritten >= appended.get(0).index()) {
            overwritten.add(node.id());
        }
        if (world.trace().isReadable()) {
            world.trace().line(world.nowNanos(), node.id().value(), "writes " + Describe.entries(appended));
        }
        for (LogEntry entry : appended) {
            world.trace().event(world.nowNanos(), node.index(), entry.index() * 1_000_003 + entry.term());
            long previousTerm =
                    entry.index() > node.disk().firstIndex() ? node.disk().termWritten(entry.index() - 1) : -1;
            matches(node, entry, previousTerm);
            seen(node, entry);
            if (node.id().equals(leaders.get(entry.term())) && isInTerm(node, entry.term())) {
                leaderAppends(node, entry);
            }
        }
    }

    private void seen(SimulatedNode node, LogEntry entry) {
        if (members.seen(entry)) {
            cluster.nemesis().ambushes().configurationAppears(node, Configuration.decode(entry.payload()));
        }
    }

    /** Whether a server is still in a term; what it led it may get back from a later leader, as any other follower. */
    private boolean isInTerm(SimulatedNode node, long term) {
        HardState state = saved.get(node.id());
        return state != null && state.term() == term;
    }

    /** Log matching: the same index and term mean the same entry, and the same entries before it. */
    private void matches(SimulatedNode node, LogEntry entry, long previousTerm) {
        Position position = new Position(entry.index(), entry.term());
        Written written = entries.get(position);
        if (written == null || written.previousTerm() < 0) {
            entries.put(position, new Written(entry, previousTerm));
        }
        if (written == null) {
            return;
        }
        require(written.entry().equals(entry), "log-matching", () -> "%s writes %s where %s was"
                .formatted(node, entry, written));
        require(
                previousTerm < 0 || written.previousTerm() < 0 || written.previousTerm() == previousTerm,
                "log-matching",
                () -> "%s writes %s after an entry of term %d, which was after one of term %d before"
                        .formatted(node, entry, previousTerm, written.previousTerm()));
    }

    private void leaderAppends(SimulatedNode node, LogEntry entry) {
        Long last = lastIndexOfLeader.put(entry.term(), entry.index());
        if (last != null) {
            require(
                    entry.index() == last + 1
                            || (entry.index() <= last && node.disk().lastIndex() >= entry.index()),
                    "leader-append-only",
                    () -> "%s, leader of term %d, writes entry %d after its entry %d"
                            .formatted(node, entry.term(), entry.index(), last));
            return;
        }
        // The first entry of its term: before it stands the log with which it was elected.
        for (int i = committed.size(); i >= 1; i--) {
            Committed before = committed.get(i - 1);
            if (before.byTerm() < entry.term()) {
                require(
                        i < entry.index()
                                && (i < node.disk().firstIndex()
                                        || node.disk().termWritten(i)
                                                == before.entry().term()),
                        "leader-completeness",
                        () -> "%s leads term %d without entry %s, which was committed in term %d"
                                .formatted(node, entry.term(), before.entry(), before.byTerm()));
                return;
            }
        }
    }

    void sending(SimulatedNode node, Message message) {
        HardState durable = node.disk().hardState();
        require(
                durable.term() >= message.term()
                        || message instanceof Message.PreVote
                        || message instanceof Message.PreVoteResponse,
                "term-durable",
                () -> "%s sends %s, but its disk says term %d".formatted(node, message, durable.term()));
        if (message instanceof Message.AppendEntries append) {
            leads(node, append.term());
            append.entries().forEach(entry -> seen(node, entry));
        } else if (message instanceof Message.InstallSnapshot install) {
            leads(node, install.term());
        } else if (message instanceof Message.RequestVoteResponse response && response.granted()) {
            require(
                    durable.term() > response.term() || durable.votedFor().equals(Optional.of(response.to())),
                    "vote-durable",
                    () -> "%s grants its vote to %s, but its disk says %s".formatted(node, response.to(), durable));
        } else if (message instanceof Message.AppendEntriesAccepted accepted) {
            require(
                    accepted.matchIndex() <= node.disk().durableLastIndex(),
                    "acknowledged-durable",
                    () -> "%s acknowledges entry %d, but only %d are durable"
                            .formatted(node, accepted.matchIndex(), node.disk().durableLastIndex()));
            node.status().ifPresent(status -> agrees(node, accepted, status));
        }
    }

    /** When all that a server has is what its leader has, its configuration is the latest of that. */
    private void agrees(SimulatedNode node, Message.AppendEntriesAccepted accepted, NodeStatus status) {
        boolean whole = accepted.term() == status.term()
                && accepted.matchIndex() == status.lastIndex()
                && accepted.matchIndex() == node.disk().lastIndex();
        if (!whole || !overwritten.remove(node.id())) {
            return;
        }
        Optional<Configuration> latest = node.disk().latestConfiguration();
        require(
                latest.isEmpty() || latest.get().equals(status.configuration()),
                "configuration-in-effect",
                () -> "%s goes by %s, but the latest in its log is %s".formatted(node, status.configuration(), latest));
    }

    private void leads(SimulatedNode node, long term) {
        NodeId before = leaders.putIfAbsent(term, node.id());
        if (before == null) {
            World world = cluster.world();
            if (world.trace().isReadable()) {
                world.trace().line(world.nowNanos(), node.id().value(), "leads term " + term);
            }
            cluster.nemesis().ambushes().leaderAppears(node);
        }
        require(before == null || before.equals(node.id()), "election-safety", () -> "%s and %s both lead term %d"
                .formatted(before, node, term));
    }

    /** A thread of a server has done something. */
    void ran(SimulatedNode node, NodeStatus status) {
        Observed before = observed.getOrDefault(node.id(), NOTHING);
        if (status.term() == before.term()
                && status.commitIndex() == before.commitIndex()
                && status.lastApplied() == before.lastApplied()
                // Mostly not only equal but one, which this looks for first; it is asked after every round of every
                // thread.
                && Objects.equals(status.configuration(), before.configuration())) {
            return;
        }
        require(status.term() >= before.term(), "term-monotonic", () -> "%s goes from term %d to %d"
                .formatted(node, before.term(), status.term()));
        require(
                status.commitIndex() >= before.commitIndex(),
                "commit-monotonic",
                () -> "%s goes from commit index %d to %d".formatted(node, before.commitIndex(), status.commitIndex()));
        require(
                status.lastApplied() <= status.commitIndex() && status.commitIndex() <= status.lastIndex(),
                "commit-monotonic",
                () -> "%s has applied %d, committed %d, and its last is %d"
                        .formatted(node, status.lastApplied(), status.commitIndex(), status.lastIndex()));
        if (status.role() == Role.LEADER) {
            leads(node, status.term());
            require(
                    status.term() == before.term()
                            || status.configuration().isVoter(node.id())
                            || before.configuration().isVoter(node.id()),
                    "leader-is-voter",
                    () -> "%s becomes leader of term %d, and is no voter of %s"
                            .formatted(node, status.term(), status.configuration()));
            votes.elected(node.id(), status, before.configuration());
            members.leads(node.id(), status, before.term());
            if (status.commitIndex() > before.commitIndex()) {
                commits(node, status, before);
            }
        }
        observed.put(
                node.id(),
                new Observed(status.term(), status.commitIndex(), status.lastApplied(), status.configuration()));
    }

    /**
     * What a leader commits lies on the disks of a majority, of both while its configuration is joint.
     *
     * @param before what was seen of it a moment ago: by that configuration it committed if it began to change it in the same moment
     */
    private void commits(SimulatedNode node, NodeStatus status, Observed before) {
        long index = status.commitIndex();
        if (index > node.disk().lastIndex() || index < node.disk().firstIndex()) {
            return;
        }
        if (isHeld(status.configuration(), index, status.term())
                || isHeld(before.configuration(), index, status.term())) {
            // The leader's own disk may be the last one, and still hold what this entry supersedes.
            return;
        }
        long term = node.disk().termWritten(index);
        require(
                before.term() != status.term() || term == status.term(),
                "commit-own-term",
                () -> "%s, leader of term %d, commits entry %d of term %d by counting"
                        .formatted(node, status.term(), index, term));
        require(
                isHeld(status.configuration(), index, term) || isHeld(before.configuration(), index, term),
                "commit-durable",
                () -> "%s commits entry %d of term %d, which too few disks of %s hold"
                        .formatted(node, index, term, status.configuration()));
    }

    private boolean isHeld(Configuration configuration, long index, long term) {
        return Votes.isMajority(configuration, id -> holds(id, index, term));
    }

    private boolean holds(NodeId id, long index, long term) {
        return cluster.node(id).disk().holdsDurably(index, term);
    }

    // ---- what the state machines do --------------------------------------------------------------------------------

    void applying(SimulatedNode node, LogEntry entry) {
        World world = cluster.world();
        world.trace().event(world.nowNanos(), node.index() + 32, entry.index());
        if (entry.index() <= committed.size()) {
            LogEntry before = committed(entry.index());
            require(before.equals(entry), "state-machine-safety", () -> "%s applies %s, others %s"
                    .formatted(node, entry, before));
            return;
        }
        require(entry.index() == committed.size() + 1, "state-machine-safety", () -> "%s applies %s after %d entries"
                .formatted(node, entry, committed.size()));
        committed.add(new Committed(entry, node.status().map(NodeStatus::term).orElse(Long.MAX_VALUE)));
        members.committed(entry);
    }

    void applied(SimulatedNode node, LogEntry entry, byte[] result, StateMachine machine) {
        int resultHash = Arrays.hashCode(result);
        if (entry.index() > results.size()) {
            results.add(resultHash);
            onFirstApplied.accept(entry, result);
        } else {
            require(
                    results.get((int) entry.index() - 1) == resultHash,
                    "state-machine-safety",
                    () -> "%s has another result for %s than others".formatted(node, entry));
        }
        if (entry.index() % HASH_EVERY == 0) {
            compareState(node, entry.index(), machine);
        }
    }

    /** The state of a server was replaced by that of a snapshot. */
    void restored(SimulatedNode node, StateMachine machine) {
        try (StateMachine.Snapshot cut = machine.cutSnapshot()) {
            require(
                    cut.index() <= committed.size(),
                    "state-machine-safety",
                    () -> "%s restores a snapshot of entry %d, but only %d are committed"
                            .formatted(node, cut.index(), committed.size()));
            compareState(node, cut.index(), machine);
        }
    }

    /** Equal states at equal indexes. */
    void compareState(SimulatedNode node, long index, StateMachine machine) {
        long hash = StateHash.of(machine);
        cluster.world().trace().mix(hash);
        Long before = hashes.putIfAbsent(index, hash);
        require(before == null || before == hash, "state-hash", () -> "%s has another state than others at index %d"
                .formatted(node, index));
    }

    private void require(boolean condition, String invariant, Supplier<String> detail) {
        if (!condition) {
            throw cluster.world().fail(invariant, detail.get());
        }
    }
}
