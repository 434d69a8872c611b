package io.balsa.raft.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Watches a {@link CoreCluster} and fails as soon as one of Raft's properties (figure 3 of the paper) or one of Balsa's own
 * rules is broken. What it knows survives the crashes of the servers.
 */
final class SafetyChecker implements ClusterObserver {
    private record Position(long index, long term) {}

    private record Ballot(NodeId voter, long term) {}

    private record Committed(LogEntry entry, long inTerm) {}

    private final Map<Long, NodeId> leaderOfTerm = new HashMap<>();
    private final Map<Ballot, NodeId> votes = new HashMap<>();
    /** The latest confirmation round that the leader of a term has begun. */
    private final Map<Long, Long> rounds = new HashMap<>();

    /** Every entry that ever was in any log, and the term of the one before it. */
    private final Map<Position, LogEntry> entries = new HashMap<>();

    private final Map<Position, Long> previousTerms = new HashMap<>();
    /** All that was ever committed, from index 1 on. */
    private final List<Committed> ledger = new ArrayList<>();

    private final Map<NodeId, Long> terms = new HashMap<>();
    private final Map<NodeId, Long> commitIndexes = new HashMap<>();
    private final Map<NodeId, Long> givenOut = new HashMap<>();
    /** The term in which a server was the leader after its last effects, 0 if it was not. */
    private final Map<NodeId, Long> ledTerm = new HashMap<>();

    private long termBeforeStep;
    private long commitIndexBeforeStep;
    private boolean ledBeforeStep;
    private Configuration configurationBeforeStep;
    private final Map<Long, Long> committedWhenAsked = new HashMap<>();
    private final Set<Long> answered = new HashSet<>();
    private final Set<String> refusedCommands = new HashSet<>();
    private final Map<Long, String> commands = new HashMap<>();
    private CoreCluster cluster;
    private long leaderCommitted;
    private long installedSnapshots;
    private long changesDone;
    private final Map<Long, MembershipChange> changes = new HashMap<>();
    private final List<Configuration> committedGroups = new ArrayList<>();
    private long confirmedReads;
    private long trace = 17;

    void watch(CoreCluster watched) {
        cluster = watched;
    }

    long committedEntries() {
        return ledger.size();
    }

    long confirmedReads() {
        return confirmedReads;
    }

    long installedSnapshots() {
        return installedSnapshots;
    }

    /** How many changes of membership were carried out, as their leaders said. */
    long changesDone() {
        return changesDone;
    }

    /** Notes a change of membership before it is asked for. */
    void changing(long requestId, MembershipChange change) {
        changes.put(requestId, change);
    }

    /** A hash of all effects so far, the same when the same happened. */
    long trace() {
        return trace;
    }

    int terms() {
        return leaderOfTerm.size();
    }

    /** Notes a proposal before it is made. */
    void proposing(long requestId, String command) {
        commands.put(requestId, command);
    }

    /** Notes a read before it is asked for: whatever it gives must show all that is committed now. */
    void reading(long requestId) {
        committedWhenAsked.put(requestId, (long) ledger.size());
    }

    @Override
    public void started(CoreServer server) {
        commitIndexes.put(server.id(), server.core().commitIndex());
        givenOut.put(server.id(), server.core().snapshotIndex());
        ledTerm.put(server.id(), 0L);
        checkTerm(server);
    }

    @Override
    public void stepping(CoreServer server, Input input) {
        termBeforeStep = server.core().term();
        commitIndexBeforeStep = server.core().commitIndex();
        ledBeforeStep = server.isLeader();
        configurationBeforeStep = server.core().configuration();
    }

    @Override
    public void stepped(CoreServer server, Input input) {
        checkTerm(server);
        require(
                !(input instanceof Input.Receive receive && receive.message() instanceof Message.PreVote)
                        || server.core().term() == termBeforeStep,
                "a pre-vote never changes the term of %s",
                server.id());
        boolean ledInThisStep = ledBeforeStep && server.core().term() == termBeforeStep;
        if (ledInThisStep && server.core().commitIndex() > commitIndexBeforeStep) {
            leaderCommitted = Math.max(leaderCommitted, server.core().commitIndex());
            // Counting an entry of an earlier term seldom does harm (figure 8), so it's checked where it happens.
            LogEntry entry = server.entryAt(server.core().commitIndex()).orElseThrow();
            require(
                    entry.term() == server.core().term(),
                    "leader %s of term %d commits by counting only an entry of its own term, not %s",
                    server.id(),
                    server.core().term(),
                    entry);
            // The step may have appended the next configuration already; the one before it counted.
            requireDurableOnMajority(configurationBeforeStep, entry);
        }
        if (server.isLeader()) {
            long term = server.core().term();
            NodeId other = leaderOfTerm.putIfAbsent(term, server.id());
            require(
                    other == null || other.equals(server.id()),
                    "one leader in term %d, not %s and %s (election safety)",
                    term,
                    other,
                    server.id());
        }
    }

    @Override
    public void halted(CoreServer server, InvariantViolation violation) {
        throw violation;
    }

    @Override
    public void effects(CoreServer server, Ready ready) {
        trace = trace * 31 + ready.toString().hashCode();
        checkTerm(server);
        ready.append().ifPresent(append -> checkAppend(server, ready, append));
        checkLeader(server, ready);
        checkCommitIndex(server, ready);
        ready.snapshots().installed().ifPresent(installed -> checkInstalled(server, installed.metadata()));
        checkGivenOut(server, ready.committed());
        checkAnswers(server, ready);
        require(server.core().millisUntilTimeout() >= 1, "%s may always sleep for a millisecond", server.id());
    }

    private void checkTerm(CoreServer server) {
        long term = server.core().term();
        require(term >= terms.getOrDefault(server.id(), 0L), "the term of %s never falls, to %d", server.id(), term);
        // Only what is durable is remembered for ever.
        terms.merge(server.id(), server.disk().hardState().term(), Math::max);
        long commitIndex = server.core().commitIndex();
        require(commitIndex >= commitIndexes.get(server.id()), "the commit index of %s never falls", server.id());
        commitIndexes.put(server.id(), commitIndex);
    }

    /** Log matching, leader append-only, and that stamps never fall. */
    private void checkAppend(CoreServer server, Ready ready, Ready.Append append) {
        long first = append.entries().get(0).index();
        Optional<SnapshotMetadata> begunAnew = logBegunAnew(ready);
        long last = begunAnew.map(SnapshotMetadata::index).orElse(server.logLastIndex());
        require(first <= last + 1, "%s leaves no gap: %d after %d", server.id(), first, last);
        require(
                first > last
                        || !server.isLeader()
                        || ledTerm.get(server.id()) != server.core().term(),
                "leader %s overwrites nothing (leader append-only)",
                server.id());
        require(first > givenOut.get(server.id()), "%s keeps what is committed", server.id());
        LogEntry previous =
                begunAnew.isPresent() ? null : server.entryAt(first - 1).orElse(null);
        long previousTerm = begunAnew.map(SnapshotMetadata::term).orElse(server.termAt(first - 1));
        for (LogEntry entry : append.entries()) {
            Position position = new Position(entry.index(), entry.term());
            LogEntry known = entries.putIfAbsent(position, entry);
            require(known == null || known.equals(entry), "one entry at index and term: %s, %s", entry, known);
            Long knownPreviousTerm = previousTerms.putIfAbsent(position, previousTerm);
            require(
                    knownPreviousTerm == null || knownPreviousTerm == previousTerm,
                    "logs that agree at %s agree before it (log matching)",
                    entry);
            require(
                    previous == null || previous.timeMillis() <= entry.timeMillis(),
                    "the replicated clock never falls: %s, then %s",
                    previous,
                    entry);
            String command = new String(entry.payload(), StandardCharsets.UTF_8);
            require(!refusedCommands.contains(command), "what was refused has no effect: %s", entry);
            previous = entry;
            previousTerm = entry.term();
        }
    }

    private static Optional<SnapshotMetadata> logBegunAnew(Ready ready) {
        return ready.snapshots().installed().filter(Ready.Installed::resetLog).map(Ready.Installed::metadata);
    }

    /** A snapshot stands for what is committed. */
    private void checkInstalled(CoreServer server, SnapshotMetadata metadata) {
        require(metadata.index() <= ledger.size(), "%s installs what is committed, not %s", server.id(), metadata);
        LogEntry last = ledger.get((int) metadata.index() - 1).entry();
        require(
                last.term() == metadata.term() && last.timeMillis() == metadata.timeMillis(),
                "%s installs a snapshot that ends with %s, not %s",
                server.id(),
                last,
                metadata);
        Configuration committed = configurationAt(metadata.index());
        require(
                committed.equals(metadata.configuration()),
                "%s installs a snapshot of the group %s, not %s",
                server.id(),
                committed,
                metadata.configuration());
        require(metadata.index() > givenOut.get(server.id()), "%s never goes back to a snapshot", server.id());
        givenOut.put(server.id(), metadata.index());
        installedSnapshots++;
    }

    /** The group as of a committed entry. */
    Configuration configurationAt(long index) {
        for (long i = index; i > 0; i--) {
            LogEntry entry = ledger.get((int) i - 1).entry();
            if (entry.type() == EntryType.CONFIGURATION) {
                return Configuration.decode(entry.payload());
            }
        }
        return firstGroup();
    }

    private Configuration firstGroup() {
        return cluster.servers().stream()
                .map(server -> server.options().initialConfiguration())
                .filter(group -> !group.isEmpty())
                .findFirst()
                .orElseThrow();
    }

    /** The group as of the last committed entry. */
    Configuration committedConfiguration() {
        return committedGroups.isEmpty() ? firstGroup() : committedGroups.get(committedGroups.size() - 1);
    }

    /** Leader completeness. */
    private void checkLeader(CoreServer server, Ready ready) {
        if (server.isLeader()) {
            long term = server.core().term();
            if (ledTerm.get(server.id()) != term) {
                Map<Long, LogEntry> log = logAfter(server, ready);
                long snapshotIndex = server.core().snapshotIndex();
                for (Committed committed : ledger) {
                    long index = committed.entry().index();
                    require(
                            committed.inTerm() >= term
                                    || index <= snapshotIndex
                                    || committed.entry().equals(log.get(index)),
                            "leader %s of term %d has %s (leader completeness)",
                            server.id(),
                            term,
                            committed.entry());
                }
            }
        }
        ledTerm.put(server.id(), server.isLeader() ? server.core().term() : 0);
    }

    private static Map<Long, LogEntry> logAfter(CoreServer server, Ready ready) {
        NavigableMap<Long, LogEntry> log = new TreeMap<>();
        if (logBegunAnew(ready).isEmpty()) {
            server.log().forEach(entry -> log.put(entry.index(), entry));
        }
        ready.append().ifPresent(append -> {
            log.tailMap(append.entries().get(0).index(), true).clear();
            append.entries().forEach(entry -> log.put(entry.index(), entry));
        });
        return log;
    }

    /** What is committed is the same everywhere; that it is durable on a majority is checked when the leader counts. */
    private void checkCommitIndex(CoreServer server, Ready ready) {
        long commitIndex = server.core().commitIndex();
        if (commitIndex > ledger.size()) {
            require(
                    server.isLeader() || leaderCommitted >= commitIndex,
                    "%s learns from a leader that %d is committed",
                    server.id(),
                    commitIndex);
            Map<Long, LogEntry> log = logAfter(server, ready);
            for (long index = ledger.size() + 1L; index <= commitIndex; index++) {
                LogEntry entry = log.get(index);
                require(entry != null, "%s has entry %d, which it commits", server.id(), index);
                ledger.add(new Committed(entry, server.core().term()));
                if (entry.type() == EntryType.CONFIGURATION) {
                    committedGroups.add(Configuration.decode(entry.payload()));
                }
            }
        }
    }

    /** State machine safety. */
    private void checkGivenOut(CoreServer server, List<LogEntry> committed) {
        for (LogEntry entry : committed) {
            long expected = givenOut.get(server.id()) + 1;
            require(entry.index() == expected, "%s gives out entry %d next, not %s", server.id(), expected, entry);
            givenOut.put(server.id(), expected);
            require(expected <= server.core().commitIndex(), "%s gives out what is committed", server.id());
            LogEntry known = ledger.get((int) expected - 1).entry();
            require(known.equals(entry), "all apply the same (state machine safety): %s, %s", known, entry);
        }
    }

    private void requireDurableOnMajority(Configuration group, LogEntry entry) {
        requireDurableOnMajority(group.voters(), entry);
        if (group.isJoint()) {
            requireDurableOnMajority(group.outgoingVoters(), entry);
        }
    }

    private void requireDurableOnMajority(List<NodeId> voters, LogEntry entry) {
        long holders = voters.stream()
                .filter(voter -> cluster.server(voter).disk().holds(entry))
                .count();
        require(
                holders >= Quorum.majority(voters.size()),
                "%s is committed once it is durable on a majority of %s, not on %d",
                entry,
                voters,
                holders);
    }

    private void checkAnswers(CoreServer server, Ready ready) {
        for (Ready.AcceptedProposals accepted : ready.proposals()) {
            for (int i = 0; i < accepted.count(); i++) {
                long requestId = accepted.firstRequestId() + i;
                requireFirstAnswer(requestId);
                require(
                        logAfter(server, ready).containsKey(accepted.firstIndex() + i)
                                || server.core().term() > accepted.term(),
                        "request %d is in the log where the leader says",
                        requestId);
            }
        }
        for (Ready.Outcome outcome : ready.outcomes()) {
            requireFirstAnswer(outcome.requestId());
            MembershipChange change = changes.get(outcome.requestId());
            if (change != null && outcome.result() == Ready.Outcome.Result.DONE) {
                changesDone++;
                boolean committed =
                        shows(firstGroup(), change) || committedGroups.stream().anyMatch(group -> shows(group, change));
                require(committed, "%s is committed", change);
            }
        }
        for (Ready.Refusal refusal : ready.refusals()) {
            requireFirstAnswer(refusal.requestId());
            if (commands.containsKey(refusal.requestId())) {
                refusedCommands.add(commands.get(refusal.requestId()));
            }
        }
        for (Ready.ConfirmedRead read : ready.reads()) {
            requireFirstAnswer(read.requestId());
            confirmedReads++;
            require(
                    read.index() >= committedWhenAsked.get(read.requestId()),
                    "read %d shows what was committed when it was asked for, up to %d, not %d",
                    read.requestId(),
                    committedWhenAsked.get(read.requestId()),
                    read.index());
            require(read.index() <= ledger.size(), "%s reads what is committed", server.id());
        }
    }

    private static boolean shows(Configuration group, MembershipChange change) {
        if (group.isJoint()) {
            return false;
        } else if (change instanceof MembershipChange.AddLearner add) {
            return group.isLearner(add.id());
        } else if (change instanceof MembershipChange.Promote promote) {
            return group.isVoter(promote.id());
        } else if (change instanceof MembershipChange.Remove remove) {
            return group.removed().contains(remove.id());
        } else if (change instanceof MembershipChange.Replace replace) {
            return group.removed().contains(replace.voter()) && group.isVoter(replace.learner());
        }
        return false;
    }

    private void requireFirstAnswer(long requestId) {
        require(answered.add(requestId), "request %d is answered once", requestId);
    }

    /** What a message promises is durable before it leaves; one vote in a term. */
    @Override
    public void sent(CoreServer server, Message message) {
        boolean aboutNextTerm = message instanceof Message.PreVote
                || (message instanceof Message.PreVoteResponse response && response.granted());
        HardState durable = server.disk().hardState();
        require(
                aboutNextTerm || durable.term() >= message.term(),
                "%s is in term %d durably before it says so",
                message.from(),
                message.term());
        if (message instanceof Message.RequestVote) {
            vote(server, message.term(), message.from());
        } else if (message instanceof Message.RequestVoteResponse response && response.granted()) {
            vote(server, message.term(), message.to());
        } else if (message instanceof Message.AppendEntriesAccepted accepted) {
            checkAcknowledgement(server, accepted);
            checkRound(accepted.term(), accepted.round());
        } else if (message instanceof Message.AppendEntriesRejected rejected) {
            checkRound(rejected.term(), rejected.round());
        } else if (message instanceof Message.AppendEntries request) {
            require(
                    request.from().equals(leaderOfTerm.get(request.term())),
                    "%s is the leader of term %d",
                    request.from(),
                    request.term());
            rounds.merge(request.term(), request.round(), Math::max);
        }
    }

    private void checkRound(long term, long round) {
        long latest = rounds.getOrDefault(term, 0L);
        require(
                round <= latest,
                "round %d, which is echoed in term %d, was begun; the latest is %d",
                round,
                term,
                latest);
    }

    private void vote(CoreServer server, long term, NodeId candidate) {
        HardState durable = server.disk().hardState();
        require(
                durable.term() > term
                        || durable.votedFor().filter(candidate::equals).isPresent(),
                "%s votes for %s in term %d durably before it says so",
                server.id(),
                candidate,
                term);
        NodeId other = votes.putIfAbsent(new Ballot(server.id(), term), candidate);
        require(
                other == null || other.equals(candidate),
                "%s votes once in term %d, not for %s and %s",
                server.id(),
                term,
                other,
                candidate);
    }

    private void checkAcknowledgement(CoreServer server, Message.AppendEntriesAccepted accepted) {
        long durable = server.disk().durableIndex();
        require(
                durable >= accepted.matchIndex(),
                "%s acknowledges what is durable, up to %d, not %d",
                server.id(),
                durable,
                accepted.matchIndex());
        CoreServer leader = cluster.server(accepted.to());
        boolean stillLeads = leader.isLeader() && leader.core().term() == accepted.term();
        if (stillLeads && accepted.matchIndex() >= leader.logFirstIndex()) {
            LogEntry leaders = leader.entryAt(accepted.matchIndex()).orElse(null);
            require(
                    leaders != null && server.disk().holds(leaders),
                    "%s acknowledges what it has of the leader's entries, not %s",
                    server.id(),
                    leaders);
        }
    }

    private static void require(boolean condition, String rule, Object... arguments) {
        if (!condition) {
            throw new AssertionError("broken: " + String.format(Locale.ROOT, rule, arguments));
        }
    }
}
