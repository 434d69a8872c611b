package io.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Section 6 of the Raft paper (extended version) and chapter 4 of the thesis, rule by rule, in our words. */
class PaperMembershipTest {
    private static final NodeId N1 = NodeId.of("n1");
    private static final NodeId N2 = NodeId.of("n2");
    private static final NodeId N3 = NodeId.of("n3");
    private static final NodeId N4 = NodeId.of("n4");
    private static final NodeId N5 = NodeId.of("n5");

    /** Of each request, what came of it: a result, or the reason of its refusal. */
    private final Map<Long, Object> answers = new HashMap<>();

    private final CoreCluster cluster = new CoreCluster(CoreCluster.usualOptions(3, 5), new ClusterObserver() {
        @Override
        public void effects(CoreServer server, Ready ready) {
            ready.outcomes().forEach(outcome -> answers.put(outcome.requestId(), outcome.result()));
            ready.refusals().forEach(refusal -> answers.put(refusal.requestId(), refusal.reason()));
        }
    });
    private final CoreServer n1 = cluster.server(N1);
    private final CoreServer n2 = cluster.server(N2);
    private final CoreServer n3 = cluster.server(N3);
    private final CoreServer n4 = cluster.server(N4);

    @BeforeEach
    void electN1() {
        cluster.servers().forEach(CoreServer::start);
        cluster.elect("n1");
        cluster.settle();
    }

    private long change(CoreServer server, MembershipChange change) {
        long requestId = cluster.nextRequestId();
        server.step(new Input.ChangeMembership(requestId, change));
        return requestId;
    }

    private void assertDone(CoreServer leader, MembershipChange change) {
        long request = change(leader, change);
        cluster.run(2 * CoreCluster.HEARTBEAT_MILLIS);
        assertThat(answers.get(request)).as("%s", change).isEqualTo(Ready.Outcome.Result.DONE);
    }

    /** A learner that has everything. */
    private void addLearner(NodeId id) {
        assertDone(n1, new MembershipChange.AddLearner(id, ""));
        cluster.run(2 * CoreCluster.HEARTBEAT_MILLIS);
    }

    /** What is sent from one server to another arrives, is made durable and is answered; nothing else. */
    private void exchange(CoreServer leader, CoreServer follower) {
        leader.persist();
        cluster.deliver(new Link(leader.id(), follower.id())::carries);
        follower.persist();
        cluster.deliver(new Link(follower.id(), leader.id())::carries);
    }

    private static List<Configuration> configurationsOf(CoreServer server) {
        return server.log().stream()
                .filter(entry -> entry.type() == EntryType.CONFIGURATION)
                .map(entry -> Configuration.decode(entry.payload()))
                .toList();
    }

    private static Configuration joint(List<NodeId> newVoters, List<NodeId> oldVoters) {
        return new Configuration(newVoters, oldVoters, List.of(), List.of(), Map.of());
    }

    @Test
    @DisplayName(
            "6, 4.1: A server uses the latest configuration in its log from the moment on when it is there, whether"
                    + " committed or not.")
    void aConfigurationIsInEffectOnAppend() {
        Configuration joint = joint(List.of(N1, N2), List.of(N1, N2, N3));
        change(n1, new MembershipChange.Remove(N3));
        assertThat(n1.core().configuration()).isEqualTo(joint);
        assertThat(n2.core().configuration()).isEqualTo(Configuration.of(List.of(N1, N2, N3)));
        cluster.deliver(new Link(N1, N2)::carries);
        assertThat(n2.core().configuration()).isEqualTo(joint);
        assertThat(n1.core().commitIndex()).isLessThan(n1.core().lastIndex());
    }

    @Test
    @Tag("case-46")
    @DisplayName(
            "4.1: Its entry may be overwritten like any other that is not committed, and then the configuration before it"
                    + " is in effect again.")
    void anOverwrittenConfigurationGivesWayToTheOneBefore() {
        cluster.isolate(N1);
        change(n1, new MembershipChange.Remove(N3));
        assertThat(n1.core().configuration().isJoint()).isTrue();
        cluster.elect("n2");
        cluster.heal();
        cluster.run(2 * CoreCluster.HEARTBEAT_MILLIS);
        assertThat(n1.core().role()).isEqualTo(Role.FOLLOWER);
        assertThat(n1.core().configuration()).isEqualTo(Configuration.of(List.of(N1, N2, N3)));
    }

    @Test
    @Tag("case-41")
    @DisplayName(
            "4.1, as corrected in 2015: A leader changes nothing before it has committed an entry of its own term.")
    void noChangeBeforeACommitInTheTerm() {
        cluster.isolate(N3);
        cluster.timeOut("n2");
        n1.step(new Input.Tick(CoreCluster.ELECTION_TIMEOUT_MILLIS));
        cluster.deliverAll();
        cluster.deliverAll();
        cluster.deliverAll();
        cluster.deliverAll();
        assertThat(n2.isLeader()).isTrue();
        assertThat(answers.get(change(n2, new MembershipChange.Remove(N1)))).isEqualTo(Ready.Refusal.Reason.NOT_YET);
        assertThat(configurationsOf(n2)).isEmpty();
        cluster.settle();
        change(n2, new MembershipChange.Remove(N3));
        assertThat(n2.core().configuration().isJoint()).isTrue();
    }

    @Test
    @Tag("case-42")
    @DisplayName("4.1: The next change begins only when the one before is committed.")
    void oneChangeAtATime() {
        long first = change(n1, new MembershipChange.Remove(N3));
        assertThat(answers.get(change(n1, new MembershipChange.AddLearner(N4, ""))))
                .isEqualTo(Ready.Refusal.Reason.NOT_YET);
        cluster.settle();
        assertThat(answers.get(first)).isEqualTo(Ready.Outcome.Result.DONE);
        assertDone(n1, new MembershipChange.AddLearner(N4, ""));
    }

    @Test
    @DisplayName("6, 4.3: While joint, entries are replicated to all servers of both configurations.")
    void entriesGoToBothConfigurations() {
        addLearner(N4);
        change(n1, new MembershipChange.Replace(N3, N4));
        assertThat(n1.core().configuration()).isEqualTo(joint(List.of(N1, N2, N4), List.of(N1, N2, N3)));
        cluster.takeOut(message -> true);
        cluster.propose("n1", "a");
        cluster.tick("n1", CoreOptions.USUAL_GATHERING_MILLIS);
        assertThat(cluster.takeOut(message -> message instanceof Message.AppendEntries append
                        && !append.entries().isEmpty()))
                .extracting(Message::to)
                .containsExactlyInAnyOrder(N2, N3, N4);
    }

    @Test
    @Tag("case-43")
    @DisplayName("6, 4.3: While joint, agreement takes a majority of the old and one of the new configuration.")
    void agreementTakesBothMajorities() {
        addLearner(N4);
        addLearner(N5);
        assertDone(n1, new MembershipChange.Replace(N2, N4));
        long before = n1.core().commitIndex();
        change(n1, new MembershipChange.Replace(N3, N5)); // From n1, n3, n4 to n1, n4, n5.
        exchange(n1, n3);
        assertThat(n1.core().commitIndex())
                .as("n1 and n3 of the old, n1 of the new")
                .isEqualTo(before);
        exchange(n1, cluster.server(N5));
        assertThat(n1.core().commitIndex()).as("n1 and n5 of the new as well").isEqualTo(before + 1);
    }

    @Test
    @Tag("case-43")
    @DisplayName("6, 4.3: While joint, a candidate needs the votes of both majorities.")
    void anElectionTakesBothMajorities() {
        addLearner(N4);
        addLearner(N5);
        assertDone(n1, new MembershipChange.Replace(N2, N4));
        change(n1, new MembershipChange.Replace(N3, N5));
        for (CoreServer other : List.of(n3, n4, cluster.server(N5))) {
            n1.persist();
            cluster.deliver(new Link(N1, other.id())::carries);
            other.persist();
        }
        n1.crash(0);
        cluster.isolate(N4);
        cluster.isolate(N5);
        cluster.run(6 * CoreCluster.ELECTION_TIMEOUT_MILLIS);
        assertThat(cluster.leader())
                .as("n3 and n4, or n4 and n5, can't hear each other")
                .isEmpty();
        cluster.heal();
        cluster.run(6 * CoreCluster.ELECTION_TIMEOUT_MILLIS);
        assertThat(cluster.leader()).isPresent();
    }

    @Test
    @Tag("case-45")
    @DisplayName(
            "6, 4.3: Any server of either configuration may lead, and a leader in the joint phase finishes the change.")
    void aSuccessorFinishesTheChange() {
        addLearner(N4);
        change(n1, new MembershipChange.Replace(N3, N4));
        for (CoreServer other : List.of(n2, n3, n4)) {
            n1.persist();
            cluster.deliver(new Link(N1, other.id())::carries);
            other.persist();
        }
        n1.crash(0);
        cluster.elect("n4");
        cluster.run(2 * CoreCluster.HEARTBEAT_MILLIS);
        assertThat(n4.core().configuration())
                .isEqualTo(new Configuration(List.of(N1, N2, N4), List.of(), List.of(), List.of(N3), Map.of()));
        assertThat(n4.core().commitIndex()).isEqualTo(n4.core().lastIndex());
    }

    @Test
    @DisplayName(
            "6, 4.3: The new configuration is appended only when the joint one is committed, and the change is over when"
                    + " it is committed itself.")
    void theNewConfigurationFollowsTheCommittedJointOne() {
        long request = change(n1, new MembershipChange.Remove(N3));
        n1.persist();
        assertThat(configurationsOf(n1)).hasSize(1);
        exchange(n1, n2);
        assertThat(configurationsOf(n1))
                .last()
                .isEqualTo(new Configuration(List.of(N1, N2), List.of(), List.of(), List.of(N3), Map.of()));
        assertThat(answers).doesNotContainKey(request);
        exchange(n1, n2);
        assertThat(answers.get(request)).isEqualTo(Ready.Outcome.Result.DONE);
    }

    @Test
    @Tag("case-48")
    @DisplayName("4.2.1: A new server first receives the log without counting for majorities.")
    void aLearnerDoesNotCount() {
        addLearner(N4);
        cluster.isolate(N2);
        cluster.isolate(N3);
        long before = n1.core().commitIndex();
        cluster.propose("n1", "a");
        exchange(n1, n4);
        assertThat(n4.core().lastIndex()).isEqualTo(n1.core().lastIndex());
        assertThat(n1.core().commitIndex()).isEqualTo(before);
        assertThat(n4.core().configuration().isVoter(N4)).isFalse();
    }

    @Test
    @Tag("case-48")
    @DisplayName("4.2.1: It is replicated to in rounds, and may vote when a round took less than an election timeout.")
    void whoCatchesUpInAShortRoundMayVote() {
        cluster.isolate(N4);
        change(n1, new MembershipChange.AddLearner(N4, ""));
        cluster.run(2 * CoreCluster.ELECTION_TIMEOUT_MILLIS);
        assertThat(answers.get(change(n1, new MembershipChange.Promote(N4)))).isEqualTo(Ready.Refusal.Reason.NOT_YET);
        cluster.heal();
        // The first round began long ago; it ends late, and the next, of what was written since, is short.
        cluster.run(2 * CoreCluster.HEARTBEAT_MILLIS);
        cluster.propose("n1", "a");
        cluster.run(2 * CoreCluster.HEARTBEAT_MILLIS);
        assertDone(n1, new MembershipChange.Promote(N4));
        assertThat(n1.core().configuration().voters()).containsExactly(N1, N2, N3, N4);
    }

    @Test
    @Tag("case-44")
    @DisplayName("4.2.2: A leader that is removed leads until that is committed, and does not count itself meanwhile.")
    void aLeaderThatLeavesDoesNotCountItself() {
        long request = change(n1, new MembershipChange.Remove(N1));
        exchange(n1, n2);
        exchange(n1, n3);
        assertThat(n1.core().configuration().isVoter(N1)).isFalse();
        long before = n1.core().commitIndex();
        exchange(n1, n2);
        assertThat(n1.isLeader()).isTrue();
        assertThat(n1.core().commitIndex())
                .as("n1 and n2 have it, but of n2 and n3 only one")
                .isEqualTo(before);
        exchange(n1, n3);
        assertThat(n1.core().role()).isEqualTo(Role.FOLLOWER);
        assertThat(n1.core().isRemoved()).isTrue();
        assertThat(answers.get(request)).isEqualTo(Ready.Outcome.Result.DONE);
        cluster.settle();
        assertThat(cluster.leader()).as("it handed over").isPresent();
    }

    @Test
    @Tag("case-44")
    @DisplayName(
            "4.2.2: A server may campaign although its own latest configuration does not have it, as long as that is not"
                    + " committed: nobody else may have its entry.")
    void whoLeavesStillCampaignsUntilThatIsCommitted() {
        change(n1, new MembershipChange.Remove(N1));
        exchange(n1, n2);
        exchange(n1, n3);
        n1.persist();
        assertThat(n1.core().configuration().removed()).containsExactly(N1);
        assertThat(n1.core().isRemoved()).as("not as far as it knows").isFalse();
        cluster.takeOut(message -> true);
        n1.crash(0);
        n1.start();
        cluster.timeOut("n1");
        assertThat(cluster.inFlight())
                .extracting(Message::to)
                .as("it asks those that are left")
                .containsExactlyInAnyOrder(N2, N3);
    }

    @Test
    @Tag("case-47")
    @DisplayName(
            "4.2.3: Whoever hears a leader ignores requests for votes, with whatever term, so that a removed server"
                    + " deposes nobody.")
    void whoWasRemovedDisturbsNobody() {
        // n3 does not hear of its removal, waits for long, and campaigns with a term far ahead.
        cluster.isolate(N3);
        assertDone(n1, new MembershipChange.Remove(N3));
        cluster.heal();
        List<Message> requests = new ArrayList<>();
        for (NodeId member : List.of(N1, N2)) {
            requests.add(new Message.RequestVote(N3, member, 99, 99, 98, false));
            requests.add(new Message.PreVote(N3, member, 99, 99, 98));
        }
        requests.forEach(cluster::inject);
        cluster.deliverAll();
        assertThat(n1.isLeader()).isTrue();
        assertThat(n1.core().term()).isEqualTo(1);
        assertThat(n2.core().term()).isEqualTo(1);
        assertThat(cluster.inFlight())
                .filteredOn(message -> message.to().equals(N3))
                .allSatisfy(answer -> assertThat(answer)
                        .isInstanceOfSatisfying(Message.PreVoteResponse.class, vote -> assertThat(vote.granted())
                                .isFalse()));
    }

    @Test
    @DisplayName("4.2.3: But a request that the leader itself asked for is answered at once.")
    void aTransferIsNoDisturbance() {
        n2.step(new Input.Receive(new Message.RequestVote(N3, N2, 2, 99, 1, true)));
        assertThat(n2.core().term()).isEqualTo(2);
        assertThat(cluster.inFlight()).contains(new Message.RequestVoteResponse(N2, N3, 2, true));
    }

    @Test
    @Tag("case-48")
    @DisplayName("4.2.4: The group goes on working in every step of growing and shrinking, and loses nothing.")
    void theGroupWorksInEveryStep() {
        List<MembershipChange> changes = List.of(
                new MembershipChange.AddLearner(N4, ""),
                new MembershipChange.Promote(N4),
                new MembershipChange.AddLearner(N5, ""),
                new MembershipChange.Replace(N2, N5),
                new MembershipChange.Remove(N3),
                new MembershipChange.Remove(N4),
                new MembershipChange.Remove(N5));
        int written = 0;
        for (MembershipChange change : changes) {
            long request = change(n1, change);
            while (!answers.containsKey(request)) {
                cluster.propose("n1", "w" + written++);
                cluster.run(10);
            }
            assertThat(answers.get(request)).as("%s", change).isEqualTo(Ready.Outcome.Result.DONE);
            cluster.run(2 * CoreCluster.HEARTBEAT_MILLIS);
            assertThat(n1.core().commitIndex()).isEqualTo(n1.core().lastIndex());
        }
        assertThat(n1.core().configuration().voters()).containsExactly(N1);
        assertThat(n1.log().stream().filter(entry -> entry.type() == EntryType.COMMAND))
                .hasSize(written);
        assertThat(n1.core().term()).as("without an election").isEqualTo(1);
    }
}
