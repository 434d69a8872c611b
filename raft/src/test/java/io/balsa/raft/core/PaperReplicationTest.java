package io.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Section 5.3 of the Raft paper (extended version), sentence by sentence. */
class PaperReplicationTest {
    private static final NodeId N1 = NodeId.of("n1");
    private static final NodeId N2 = NodeId.of("n2");
    private static final NodeId N3 = NodeId.of("n3");
    private static final long LOYALTY_MILLIS =
            CoreCluster.usualOptions(3).get(0).electionTimeoutMillis();

    private final CoreCluster cluster = CoreCluster.of(3);
    private final CoreServer n1 = cluster.server(N1);
    private final CoreServer n2 = cluster.server(N2);
    private final CoreServer n3 = cluster.server(N3);

    @Test
    @DisplayName(
            "5.3: The leader appends the command to its log as a new entry, then issues AppendEntries RPCs in parallel"
                    + " to each of the other servers to replicate the entry.")
    void leaderAppendsAndSendsToAll() {
        cluster.elect("n1");
        cluster.propose("n1", "a");
        LogEntry entry = n1.log().get(1);
        assertThat(new String(entry.payload(), StandardCharsets.UTF_8)).isEqualTo("a");
        assertThat(cluster.inFlight())
                .containsExactly(
                        new Message.AppendEntries(N1, N2, 1, 1, 1, List.of(entry), 1, 1, 0),
                        new Message.AppendEntries(N1, N3, 1, 1, 1, List.of(entry), 1, 1, 0));
    }

    @Test
    @DisplayName(
            "5.3: Each log entry stores a state machine command along with the term number when the entry was received"
                    + " by the leader. Each log entry also has an integer index identifying its position in the log.")
    void entriesHaveTermAndIndex() {
        cluster.elect("n1");
        cluster.propose("n1", "a");
        cluster.settle();
        cluster.elect("n2");
        cluster.propose("n2", "b");
        cluster.settle();
        assertThat(Narrator.describe(n2.log())).isEqualTo("[1/1 2/1:a 3/2 4/2:b]");
    }

    @Test
    @DisplayName(
            "5.3: If followers crash or run slowly, or if network packets are lost, the leader retries AppendEntries"
                    + " RPCs indefinitely (even after it has responded to the client) until all followers eventually store all"
                    + " log entries.")
    void leaderRetriesUntilAllHaveAll() {
        cluster.elect("n1");
        n3.crash(0);
        cluster.propose("n1", "a");
        cluster.settle();
        assertThat(n1.core().commitIndex()).isEqualTo(2);
        n3.start();
        // Of what is sent to n3, only every third message arrives.
        int sent = 0;
        for (int round = 0; round < 30; round++) {
            cluster.tick("n1", CoreCluster.HEARTBEAT_MILLIS);
            for (Message message : cluster.takeOut(each -> each.to().equals(N3))) {
                if (sent++ % 3 == 0) {
                    cluster.deliver(message);
                }
            }
            cluster.settle();
        }
        assertThat(n3.log()).isEqualTo(n1.log());
    }

    @Test
    @DisplayName(
            "5.3: If two entries in different logs have the same index and term, then they store the same command [and]"
                    + " the logs are identical in all preceding entries.")
    void logsMatch() {
        cluster.elect("n1");
        for (int i = 0; i < 20; i++) {
            cluster.propose("n1", "a" + i);
        }
        cluster.isolate(N3);
        cluster.settle();
        cluster.elect("n2");
        cluster.propose("n2", "b");
        cluster.settle();
        cluster.heal();
        cluster.run(2 * CoreCluster.HEARTBEAT_MILLIS);
        assertThat(n2.log()).hasSizeGreaterThan(20);
        assertThat(n1.log()).isEqualTo(n2.log());
        assertThat(n3.log()).isEqualTo(n2.log());
    }

    @Test
    @DisplayName("5.3: The leader includes the index and term of the entry in its log that immediately precedes the new"
            + " entries. If the follower does not find an entry in its log with the same index and term, then it"
            + " refuses the new entries.")
    void followerRefusesWhatDoesNotFollow() {
        cluster.given("n2", 1, 2, 2);
        assertThat(accepts(0, 0)).isTrue();
        assertThat(accepts(1, 1)).isTrue();
        assertThat(accepts(3, 2)).isTrue();
        assertThat(accepts(1, 2)).as("another term").isFalse();
        assertThat(accepts(3, 1)).as("another term").isFalse();
        assertThat(accepts(4, 2)).as("beyond its log").isFalse();
    }

    /** Whether n2, with 1, 2, 2 in its log, takes an entry that follows this one. */
    private static boolean accepts(long prevLogIndex, long prevLogTerm) {
        CoreCluster fresh = CoreCluster.of(3);
        fresh.given("n2", 1, 2, 2);
        CoreServer follower = fresh.server(N2);
        LogEntry entry = new LogEntry(prevLogIndex + 1, 7, EntryType.COMMAND, 0, new byte[0]);
        follower.step(new Input.Receive(
                new Message.AppendEntries(N1, N2, 7, prevLogIndex, prevLogTerm, List.of(entry), 0, 0, 0)));
        boolean accepted =
                follower.entryAt(prevLogIndex + 1).filter(entry::equals).isPresent();
        assertThat(fresh.inFlight().stream().anyMatch(message -> message instanceof Message.AppendEntriesRejected))
                .isNotEqualTo(accepted);
        return accepted;
    }

    @Test
    @DisplayName(
            "5.3: Whenever AppendEntries returns successfully, the leader knows that the follower's log is identical to"
                    + " its own log up through the new entries.")
    void acknowledgesOnlyWhatIsIdentical() {
        // n2 has two entries that the leader doesn't have; a heartbeat says nothing about them.
        cluster.given("n2", 1, 1, 1);
        n2.step(new Input.Receive(new Message.AppendEntries(N1, N2, 2, 1, 1, List.of(), 0, 0, 0)));
        assertThat(cluster.inFlight())
                .containsExactly(new Message.AppendEntriesAccepted(N2, N1, 2, 1, 0, LOYALTY_MILLIS));
    }

    @Test
    @DisplayName(
            "5.3 (the same): what a follower's log had in common with an earlier leader's says nothing about the next"
                    + " one's, nor do the rounds that it heard of.")
    void acknowledgesToANewLeaderOnlyWhatIsIdenticalToItsLog() {
        cluster.given("n2", 1, 1, 1);
        n2.step(new Input.Receive(new Message.AppendEntries(N1, N2, 1, 3, 1, List.of(), 0, 0, 7)));
        n2.step(new Input.Receive(new Message.AppendEntries(N3, N2, 2, 1, 1, List.of(), 3, 0, 0)));
        assertThat(cluster.inFlight())
                .containsExactly(
                        new Message.AppendEntriesAccepted(N2, N1, 1, 3, 7, LOYALTY_MILLIS),
                        new Message.AppendEntriesAccepted(N2, N3, 2, 1, 0, LOYALTY_MILLIS));
        assertThat(n2.core().commitIndex()).isEqualTo(1);
    }

    @Test
    @DisplayName("5.3: Conflicting entries in follower logs will be overwritten with entries from the leader's log.")
    void conflictingEntriesAreOverwritten() {
        cluster.given("n1", 1, 3, 3);
        cluster.given("n2", 1, 2, 2, 2, 2);
        cluster.given("n3", 1, 2);
        cluster.elect("n1");
        cluster.run(2 * CoreCluster.HEARTBEAT_MILLIS);
        assertThat(n2.log()).isEqualTo(n1.log()).hasSize(4);
        assertThat(n3.log()).isEqualTo(n1.log());
        assertThat(n2.disk().durableEntries()).isEqualTo(n1.log());
    }

    @Test
    @DisplayName(
            "5.3: When a leader first comes to power, it initializes all nextIndex values to the index just after the"
                    + " last one in its log.")
    void leaderBeginsAfterItsLastEntry() {
        cluster.given("n1", 1, 1, 2);
        elect(N1, N2);
        assertThat(cluster.inFlight())
                .filteredOn(message -> message instanceof Message.AppendEntries)
                .extracting(message -> ((Message.AppendEntries) message).prevLogIndex())
                .containsExactly(3L, 3L);
    }

    @Test
    @DisplayName(
            "5.3: One AppendEntries RPC will be required for each term with conflicting entries, rather than one RPC"
                    + " per entry.")
    void backsOffByTerms() {
        // Four terms with conflicting entries, a hundred entries of each.
        long[] leaders = new long[401];
        long[] followers = new long[401];
        leaders[0] = 1;
        followers[0] = 1;
        for (int i = 1; i <= 400; i++) {
            leaders[i] = 12;
            followers[i] = 2L + (i - 1) / 100;
        }
        cluster.given("n1", leaders);
        cluster.given("n2", followers);
        elect(N1, N2);
        n1.persist();
        cluster.isolate(N3);
        int requests = 0;
        while (!n2.log().equals(n1.log())) {
            requests += cluster.inFlight().stream()
                    .filter(message -> message instanceof Message.AppendEntries)
                    .toList()
                    .size();
            cluster.deliverAll();
            n2.persist();
            cluster.deliverAll();
        }
        assertThat(requests).isLessThanOrEqualTo(6);
    }

    @Test
    @DisplayName("5.3: A leader never overwrites or deletes entries in its own log.")
    void leaderAppendsOnly() {
        cluster.given("n1", 1, 1, 1);
        elect(N1, N2);
        List<LogEntry> before = new ArrayList<>(n1.log());
        // What a follower or an old leader says about other entries does not matter to it.
        n1.step(new Input.Receive(new Message.AppendEntriesRejected(N2, N1, 2, 3, 0, 0, 0, 0)));
        n1.step(new Input.Receive(new Message.AppendEntries(
                N3, N1, 1, 0, 0, List.of(new LogEntry(1, 1, EntryType.NO_OP, 9, new byte[0])), 1, 0, 0)));
        cluster.propose("n1", "a");
        assertThat(n1.log().subList(0, before.size())).isEqualTo(before);
    }

    @Test
    @DisplayName(
            "5.3: In the normal case a new entry can be replicated with a single round of RPCs to a majority of the"
                    + " cluster; and a single slow follower will not impact performance.")
    void oneSlowFollowerDoesNotMatter() {
        cluster.elect("n1");
        cluster.isolate(N3);
        for (int i = 0; i < 10; i++) {
            cluster.propose("n1", "a" + i);
            n1.persist();
            cluster.deliverAll();
            n2.persist();
            cluster.deliverAll();
            assertThat(n1.core().commitIndex()).isEqualTo(n1.core().lastIndex());
        }
    }

    /** Makes a server leader by one other's vote; nothing that it sends then is delivered. */
    private void elect(NodeId candidate, NodeId voter) {
        cluster.timeOut(candidate.value());
        cluster.deliver(message -> message.to().equals(voter));
        cluster.deliver(message -> message.to().equals(candidate));
        cluster.deliver(message -> message.to().equals(voter));
        cluster.deliver(message -> message.to().equals(candidate));
        assertThat(cluster.server(candidate).isLeader()).isTrue();
    }
}
