package io.balsa.raft.node;

import static io.balsa.raft.node.TestMachine.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.core.CoreOptions;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.RaftCore;
import io.balsa.raft.core.Role;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The driver, the log writer and the applier in turns on one thread, under a clock that only the test moves. */
class RaftDriverTest {
    private static final NodeId N1 = NodeId.of("n1");
    private static final NodeId N2 = NodeId.of("n2");
    private static final NodeId N3 = NodeId.of("n3");

    private final TestLog log = new TestLog();
    private final TestSnapshots snapshots = new TestSnapshots();
    private final TestMachine machine = new TestMachine();
    private final List<Message> sent = new ArrayList<>();
    private final Outstanding outstanding = new Outstanding(new Budget(1_000, 1 << 20));
    private long nowNanos = 12_345;
    /** What the core takes. */
    private long maxUncommittedBytes = 64 << 20;
    /** How long everything stands still after the driver has next looked at the clock. */
    private long pauseNanos;

    /** What clients could read by the lease, without asking the driver, as each message left. */
    private final List<Long> leaseIndexes = new ArrayList<>();

    private final ReadLease lease = new ReadLease(() -> nowNanos);
    private RaftDriver driver;
    private LogWriter logWriter;
    private Applier applier;
    private SnapshotWriter snapshotWriter;
    private SnapshotTransfer transfer;

    private void start(RaftOptions options, NodeId... voters) {
        Wakeup wakeup = new Wakeup();
        PendingProposals pending = new PendingProposals(Optional::empty);
        Reports reports = new Reports(wakeup);
        CoreOptions coreOptions = coreOptions(voters);
        logWriter = new LogWriter(log, options.maxUncommittedBytes(), () -> nowNanos, wakeup, wakeup);
        snapshotWriter =
                new SnapshotWriter(snapshots, options.compaction()::firstIndexToKeep, () -> nowNanos, wakeup, reports);
        Transport transport = new LookingTransport();
        transfer = new SnapshotTransfer(N1, snapshots, transport, () -> nowNanos, options, wakeup, reports, () -> {});
        SnapshotTaker taker = new SnapshotTaker(
                options.compaction(),
                coreOptions.initialConfiguration(),
                Optional.empty(),
                Optional.of(snapshotWriter));
        applier = new Applier(machine, 0, taker, pending, () -> nowNanos, wakeup, wakeup);
        RaftCore core = new RaftCore(coreOptions, new TestHardState().load(), Optional.empty(), log);
        driver = new RaftDriver(
                new RaftDriver.Parts(
                        N1,
                        core,
                        new TestHardState(),
                        transport,
                        logWriter,
                        applier,
                        Optional.of(transfer),
                        reports,
                        pending,
                        this::lookAtClock,
                        lease,
                        new Standing(N1, "test", exclusion -> {})),
                options,
                wakeup,
                () -> new ClientResponse.NotLeader(Optional.empty()),
                change -> {});
        driver.onStart();
    }

    private CoreOptions coreOptions(NodeId... voters) {
        CoreOptions usual = CoreOptions.of(N1, List.of(voters), 100, 500, 1);
        return new CoreOptions(
                usual.self(),
                usual.initialConfiguration(),
                usual.heartbeatMillis(),
                usual.electionTimeoutMillis(),
                usual.seed(),
                usual.maxMessageBytes(),
                usual.maxInflightMessages(),
                usual.maxGatheringMillis(),
                maxUncommittedBytes,
                usual.maxPendingReads(),
                usual.maxCachedBytes(),
                usual.electionPriority(),
                usual.maxClockDriftPercent());
    }

    private long lookAtClock() {
        long seen = nowNanos;
        nowNanos += pauseNanos;
        pauseNanos = 0;
        return seen;
    }

    /** Lets everyone work until nobody has anything to do. */
    private void settle() {
        int work;
        do {
            work = driver.doWork()
                    + logWriter.doWork()
                    + applier.doWork()
                    + snapshotWriter.doWork()
                    + transfer.doWork();
        } while (work > 0);
    }

    /** Sleeps as the threads would, for at most this time, and counts how often the driver woke up. */
    private int live(long millis) {
        long end = nowNanos + TimeUnit.MILLISECONDS.toNanos(millis);
        int wakeups = 0;
        while (nowNanos < end) {
            settle();
            long sleep = Math.min(driver.idleNanos(), Math.min(applier.idleNanos(), transfer.idleNanos()));
            nowNanos += Math.min(sleep, end - nowNanos);
            wakeups++;
        }
        settle();
        return wakeups;
    }

    private CompletableFuture<ClientResponse> propose(String command) {
        CompletableFuture<ClientResponse> future =
                outstanding.admit(new Proposal(bytes(command), outstanding), driver::request);
        settle();
        return future;
    }

    @Test
    void anIdleNodeWakesUpForItsHeartbeatsOnlyAndWritesNothing() {
        start(RaftOptions.DEFAULT, N1);
        live(2_000);
        assertThat(driver.observed().role()).isEqualTo(Role.LEADER);
        long lastIndex = log.lastIndex();
        assertThat(live(60_000)).isLessThanOrEqualTo(601);
        assertThat(log.lastIndex()).isEqualTo(lastIndex);
        assertThat(logWriter.idleNanos()).isEqualTo(Long.MAX_VALUE);
        assertThat(applier.idleNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    @Tag("case-70")
    void aDeadlineThatIsDueGetsOneClockEntryAndNotBefore() {
        start(RaftOptions.DEFAULT, N1);
        live(2_000);
        assertThat(propose("alarm 10000")).isCompleted();
        live(9_999);
        assertThat(machine.words()).isEmpty();
        live(2);
        assertThat(machine.words()).containsExactly("rang");
        live(60_000);
        assertThat(machine.applied(EntryType.CLOCK)).isEqualTo(1);
    }

    @Test
    void noClockEntryFollowsAnotherThatIsStillUnderWay() {
        start(RaftOptions.DEFAULT, N1);
        live(2_000);
        assertThat(propose("alarm 50")).isCompleted();
        nowNanos += TimeUnit.SECONDS.toNanos(1);
        long before = log.lastIndex();
        for (int i = 0; i < 50; i++) {
            // The disk does not get to work meanwhile.
            driver.doWork();
            nowNanos += TimeUnit.MILLISECONDS.toNanos(20);
        }
        settle();
        assertThat(log.lastIndex()).isEqualTo(before + 1);
    }

    @Test
    @Tag("case-88")
    void messagesBeyondTheInboxAreDropped() {
        start(RaftOptions.builder().inboxCapacity(16).build(), N1, N2, N3);
        Message message = new Message.PreVote(N2, N1, 1, 0, 0);
        for (int i = 0; i < 16; i++) {
            assertThat(driver.receive(message)).isTrue();
        }
        assertThat(driver.receive(message)).isFalse();
        assertThat(driver.droppedMessages()).isEqualTo(1);
        settle();
        assertThat(driver.receive(message)).isTrue();
    }

    @Test
    void messagesForOthersAreDropped() {
        start(RaftOptions.DEFAULT, N1, N2, N3);
        assertThat(driver.receive(new Message.PreVote(N2, N3, 1, 0, 0))).isFalse();
        assertThat(driver.receive(new Message.PreVote(N1, N1, 1, 0, 0))).isFalse();
        assertThat(driver.droppedMessages()).isEqualTo(2);
    }

    @Test
    @Tag("case-11")
    void aLeaderWhoseDiskHangsFallsSilentAndStepsDown() {
        start(RaftOptions.DEFAULT, N1, N2, N3);
        becomeLeaderOfThree();
        // The disk does not return from here on, while a follower answers all the time.
        CompletableFuture<ClientResponse> proposed =
                outstanding.admit(new Proposal(bytes("add a"), outstanding), driver::request);
        for (int i = 0; i < 100 && driver.observed().role() == Role.LEADER; i++) {
            driver.doWork();
            answerAsFollower();
            nowNanos += TimeUnit.MILLISECONDS.toNanos(50);
        }
        assertThat(driver.observed().role()).isNotEqualTo(Role.LEADER);
        for (int i = 0; i < 100; i++) {
            nowNanos += TimeUnit.MILLISECONDS.toNanos(50);
            driver.doWork();
        }
        assertThat(sent).isEmpty();

        // One follower of two has it durably, which is no majority without this disk.
        applier.doWork();
        assertThat(proposed).isCompletedWithValueMatching(ClientResponse.Unknown.class::isInstance);

        // The disk is back, and with it the wish to lead.
        settle();
        live(2_000);
        assertThat(sent).anyMatch(Message.PreVote.class::isInstance);
    }

    private void answerAsFollower() {
        for (Message message : sent) {
            if (message instanceof Message.AppendEntries append && append.to().equals(N2)) {
                long last = append.prevLogIndex() + append.entries().size();
                driver.receive(new Message.AppendEntriesAccepted(N2, N1, append.term(), last, append.round(), 10_000));
            }
        }
        sent.clear();
    }

    @Test
    void whileTheDiskIsFarBehindAFollowerTakesHeartbeatsAndNoEntries() {
        start(
                RaftOptions.builder()
                        .maxCommandBytes(1_000)
                        .maxUncommittedBytes(2_000)
                        .build(),
                N1,
                N2,
                N3);
        for (long index = 1; index <= 10; index++) {
            driver.receive(append(index));
            driver.doWork();
        }
        assertThat(driver.observed().lastIndex()).isLessThan(10);
        assertThat(driver.observed().leader()).contains(N2);
        assertThat(logWriter.isFull()).isTrue();
        // The disk comes back, and the leader sends again what got lost.
        settle();
        assertThat(logWriter.isFull()).isFalse();
        for (long index = driver.observed().lastIndex() + 1; index <= 10; index++) {
            driver.receive(append(index));
            settle();
        }
        assertThat(log.lastIndex()).isEqualTo(10);
        assertThat(sent.get(sent.size() - 1))
                .isInstanceOfSatisfying(
                        Message.AppendEntriesAccepted.class,
                        accepted -> assertThat(accepted.matchIndex()).isEqualTo(10));
    }

    @Test
    void ofProposalsThatComeTogetherThoseThatFindNoRoomAreRefused() {
        maxUncommittedBytes = 1_000;
        start(RaftOptions.DEFAULT, N1, N2, N3);
        becomeLeaderOfThree();
        List<CompletableFuture<ClientResponse>> proposed = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            byte[] command = bytes("add " + "x".repeat(400));
            proposed.add(outstanding.admit(new Proposal(command, outstanding), driver::request));
        }
        live(1);
        assertThat(proposed.subList(0, 3)).noneMatch(CompletableFuture::isDone);
        assertThat(proposed.subList(3, 5))
                .allSatisfy(refused -> assertThat(refused).isCompletedWithValue(new ClientResponse.Busy()));
        long last = driver.observed().lastIndex();
        driver.receive(
                new Message.AppendEntriesAccepted(N2, N1, driver.observed().term(), last, 0, 0));
        settle();
        for (int i = 0; i < 3; i++) {
            long index = last - 2 + i;
            assertThat(proposed.get(i))
                    .isCompletedWithValueMatching(
                            answer -> answer instanceof ClientResponse.Applied applied && applied.index() == index);
        }
    }

    @Test
    void clientsWhoAreToldTogetherShareTheNextRoundWithThoseWhoWait() {
        start(RaftOptions.DEFAULT, N1, N2, N3);
        becomeLeaderOfThree();
        acknowledgeAll();
        sent.clear();
        assertThat(propose("add a")).isNotDone();
        List<CompletableFuture<ClientResponse>> waiting = List.of(propose("add b"), propose("add c"));
        long first = driver.observed().lastIndex();
        nowNanos += TimeUnit.MICROSECONDS.toNanos(300);
        assertThat(sentEntries()).as("two wait for the one before them").containsExactly(1);

        acknowledgeAll();
        assertThat(driver.observed().commitIndex()).isEqualTo(first);
        assertThat(sentEntries()).as("and for the one who is told").isEmpty();
        waiting.forEach(future -> assertThat(future).isNotDone());
        CompletableFuture<ClientResponse> again = propose("add d");
        assertThat(sentEntries()).containsExactly(3);
        acknowledgeAll();
        assertThat(again).isCompletedWithValueMatching(ClientResponse.Applied.class::isInstance);
        assertThat(waiting).allMatch(CompletableFuture::isDone);
    }

    @Test
    void whatWaitsGoesWhenItsTimeIsOver() {
        start(RaftOptions.DEFAULT, N1, N2, N3);
        becomeLeaderOfThree();
        acknowledgeAll();
        sent.clear();
        assertThat(List.of(propose("add a"), propose("add b"))).noneMatch(CompletableFuture::isDone);
        long before = driver.observed().lastIndex();
        assertThat(driver.idleNanos()).isLessThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(1));
        live(1);
        assertThat(driver.observed().lastIndex()).isEqualTo(before + 1);
    }

    @Test
    void whatWaitsIsRefusedWhenItsLeaderLosesItsOffice() {
        start(RaftOptions.DEFAULT, N1, N2, N3);
        becomeLeaderOfThree();
        acknowledgeAll();
        sent.clear();
        assertThat(propose("add a")).isNotDone();
        CompletableFuture<ClientResponse> waiting = propose("add b");
        assertThat(waiting).isNotDone();
        driver.receive(new Message.AppendEntries(N2, N1, driver.observed().term() + 1, 0, 0, List.of(), 0, 0, 1));
        settle();
        assertThat(waiting).isCompletedWithValueMatching(ClientResponse.NotLeader.class::isInstance);
    }

    /** How many entries each message had that was sent to N2 and not looked at yet. */
    private List<Integer> sentEntries() {
        List<Integer> counts = sent.stream()
                .filter(message -> message.to().equals(N2))
                .filter(Message.AppendEntries.class::isInstance)
                .map(message -> ((Message.AppendEntries) message).entries().size())
                .filter(count -> count > 0)
                .collect(Collectors.toList());
        sent.clear();
        return counts;
    }

    private void acknowledgeAll() {
        driver.receive(new Message.AppendEntriesAccepted(
                N2, N1, driver.observed().term(), driver.observed().lastIndex(), 0, 0));
        settle();
    }

    @Test
    @Tag("case-9")
    void afterAPauseALeaderKnowsThatItIsNoneBeforeItTakesARequest() {
        start(RaftOptions.DEFAULT, N1, N2, N3);
        becomeLeaderOfThree();
        CompletableFuture<ClientResponse> proposed =
                outstanding.admit(new Proposal(bytes("add a"), outstanding), driver::request);
        nowNanos += TimeUnit.SECONDS.toNanos(10);
        settle();
        assertThat(proposed).isCompletedWithValueMatching(ClientResponse.NotLeader.class::isInstance);
    }

    @Test
    @Tag("case-64")
    void aFollowerIsLoyalFromWhenItHeardTheLeaderAndNotFromBeforeAPause() {
        start(RaftOptions.DEFAULT, N1, N2, N3);
        driver.receive(new Message.AppendEntries(N2, N1, 1, 0, 0, List.of(), 0, 0, 1));
        settle();
        // It is late for work once more, and the heartbeat comes after it looked at the clock.
        pauseNanos = TimeUnit.MILLISECONDS.toNanos(400);
        driver.receive(new Message.AppendEntries(N2, N1, 1, 0, 0, List.of(), 0, 0, 2));
        settle();
        nowNanos += TimeUnit.MILLISECONDS.toNanos(110);
        driver.receive(new Message.PreVote(N3, N1, 2, 0, 0));
        settle();
        assertThat(sent).endsWith(new Message.PreVoteResponse(N1, N3, 1, false));
    }

    @Test
    @Tag("case-24")
    void whileTheDiskIsFarBehindALeaderTakesNoProposalsThoughOthersCommitThem() {
        start(
                RaftOptions.builder()
                        .maxCommandBytes(1_000)
                        .maxUncommittedBytes(2_000)
                        .build(),
                N1,
                N2,
                N3);
        becomeLeaderOfThree();
        List<CompletableFuture<ClientResponse>> proposed = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            proposed.add(outstanding.admit(new Proposal(new byte[500], outstanding), driver::request));
            driver.doWork();
            long last = driver.observed().lastIndex();
            driver.receive(
                    new Message.AppendEntriesAccepted(N2, N1, driver.observed().term(), last, 0, 0));
            driver.receive(
                    new Message.AppendEntriesAccepted(N3, N1, driver.observed().term(), last, 0, 0));
            driver.doWork();
        }
        assertThat(driver.observed().commitIndex()).isEqualTo(driver.observed().lastIndex());
        assertThat(logWriter.isFull()).isTrue();
        assertThat(proposed.get(9)).isCompletedWithValue(new ClientResponse.Busy());
    }

    @Test
    @Tag("case-64")
    void aLeaseReadIsServedAtOnceButNotByALeaseThatAPauseHasEnded() {
        start(RaftOptions.DEFAULT, N1, N2, N3);
        becomeLeaderOfThree();
        acknowledge();
        live(100);
        acknowledge();
        sent.clear();
        CompletableFuture<ClientResponse> read = readByLease();
        settle();
        assertThat(read).isCompletedWithValueMatching(ClientResponse.Answer.class::isInstance);
        assertThat(sent).as("nobody was asked").isEmpty();
        // The process stands still after the request arrived; another may lead by the time it goes on.
        CompletableFuture<ClientResponse> late = readByLease();
        nowNanos += TimeUnit.SECONDS.toNanos(10);
        settle();
        assertThat(late).isCompletedWithValueMatching(ClientResponse.NotLeader.class::isInstance);
    }

    @Test
    @Tag("case-64")
    void clientsSeeTheLeaseUntilItEndsAndNoLonger() {
        start(RaftOptions.DEFAULT, N1, N2, N3);
        assertThat(lease.readIndex()).isEqualTo(ReadLease.NONE);
        becomeLeaderOfThree();
        assertThat(lease.readIndex()).as("nothing of its term is committed").isEqualTo(ReadLease.NONE);
        acknowledge();
        live(100);
        acknowledge();
        assertThat(lease.readIndex()).isEqualTo(driver.observed().commitIndex());
        // Less than an election timeout by the drift of clocks; the driver gets no turn meanwhile.
        nowNanos += TimeUnit.MILLISECONDS.toNanos(500 * 90 / 100 - 2) - 1;
        assertThat(lease.readIndex()).isPositive();
        nowNanos += 1;
        assertThat(lease.readIndex()).isEqualTo(ReadLease.NONE);
    }

    /** A new leader may be there as soon as the message has left, and a follower may apply what it hears is committed. */
    @Test
    @Tag("case-61")
    @Tag("case-64")
    void whatEndsTheLeaseOrMustBeReadIsSeenBeforeAnyMessageTellsOfIt() {
        start(RaftOptions.DEFAULT, N1, N2, N3);
        becomeLeaderOfThree();
        acknowledge();
        live(100);
        acknowledge();
        leaseIndexes.clear();
        assertThat(outstanding.admit(new Proposal(bytes("add a"), outstanding), driver::request))
                .isNotDone();
        settle();
        acknowledge();
        live(100);
        assertThat(sent).isNotEmpty().hasSameSizeAs(leaseIndexes);
        for (int i = 0; i < sent.size(); i++) {
            long told = ((Message.AppendEntries) sent.get(i)).leaderCommit();
            assertThat(leaseIndexes.get(i)).as("beside %s", sent.get(i)).isGreaterThanOrEqualTo(told);
        }
        acknowledge();
        leaseIndexes.clear();
        CompletableFuture<?> unused = outstanding.admit(
                new AdminRequest(new ClientRequest.TransferLeadership(Optional.of(N2)), outstanding), driver::request);
        settle();
        assertThat(sent).hasAtLeastOneElementOfType(Message.TimeoutNow.class);
        assertThat(leaseIndexes).isNotEmpty().containsOnly(ReadLease.NONE);
        assertThat(lease.readIndex()).isEqualTo(ReadLease.NONE);
    }

    @Test
    @Tag("case-63")
    void readsThatComeTogetherShareARoundAndThoseThatComeLaterWaitForTheNext() {
        start(RaftOptions.DEFAULT, N1, N2, N3);
        becomeLeaderOfThree();
        acknowledge();
        List<CompletableFuture<ClientResponse>> together = List.of(read(), read(), read());
        settle();
        assertThat(roundsSent()).as("one round for all").hasSize(1);
        CompletableFuture<ClientResponse> later = read();
        settle();
        assertThat(roundsSent()).as("the next waits for the first").hasSize(1);
        acknowledge();
        assertThat(together).allSatisfy(read -> assertThat(read)
                .isCompletedWithValueMatching(ClientResponse.Answer.class::isInstance));
        assertThat(later).as("its round has only begun").isNotDone();
        assertThat(roundsSent()).hasSize(1);
        acknowledge();
        assertThat(later).isCompletedWithValueMatching(ClientResponse.Answer.class::isInstance);
        assertThat(outstanding.count()).isZero();
    }

    @Test
    void whoAsksAgainAtOnceSharesTheNextRoundWithThoseWhoWaited() {
        start(RaftOptions.DEFAULT, N1, N2, N3);
        becomeLeaderOfThree();
        acknowledge();
        List<CompletableFuture<ClientResponse>> again = new ArrayList<>();
        CompletableFuture<?> unused = read().thenRun(() -> again.add(read()));
        settle();
        CompletableFuture<ClientResponse> waited = read();
        acknowledge();
        assertThat(again).hasSize(1);
        assertThat(roundsSent()).hasSize(1);
        acknowledge();
        assertThat(waited).isCompletedWithValueMatching(ClientResponse.Answer.class::isInstance);
        assertThat(again.get(0)).isCompletedWithValueMatching(ClientResponse.Answer.class::isInstance);
    }

    /** Or else those who never stop to read by the lease would keep all others out. */
    @Test
    void whoReadsByTheLeaseHoldsUpNoRound() {
        start(RaftOptions.DEFAULT, N1, N2, N3);
        becomeLeaderOfThree();
        acknowledge();
        live(100);
        acknowledge();
        CompletableFuture<ClientResponse> confirmed = read();
        CompletableFuture<ClientResponse> byLease = readByLease();
        driver.doWork();
        assertThat(roundsSent()).hasSize(1);
        settle();
        assertThat(byLease).isCompletedWithValueMatching(ClientResponse.Answer.class::isInstance);
        assertThat(confirmed).isNotDone();
    }

    @Test
    @Tag("case-61")
    void aLeaderThatIsDeposedRefusesTheReadsOfAllRounds() {
        start(RaftOptions.DEFAULT, N1, N2, N3);
        becomeLeaderOfThree();
        acknowledge();
        List<CompletableFuture<ClientResponse>> reads = new ArrayList<>(List.of(read(), read()));
        settle();
        reads.add(read());
        settle();
        reads.add(read());
        long laterTerm = driver.observed().term() + 1;
        driver.receive(new Message.AppendEntries(N2, N1, laterTerm, 0, 0, List.of(), 0, 0, 0));
        settle();
        // The last one came to a follower, which asks the new leader.
        assertThat(reads.subList(0, 3)).allSatisfy(read -> assertThat(read)
                .isCompletedWithValueMatching(ClientResponse.NotLeader.class::isInstance));
        assertThat(sent).hasAtLeastOneElementOfType(Message.ReadIndexRequest.class);
        assertThat(outstanding.count()).isEqualTo(1);
    }

    @Test
    void ofReadsThatShareARoundEachEndsInItsOwnTime() {
        start(RaftOptions.DEFAULT, N1, N2, N3);
        becomeLeaderOfThree();
        acknowledge();
        CompletableFuture<ClientResponse> hasty = read(60);
        CompletableFuture<ClientResponse> patient = read(60_000);
        CompletableFuture<ClientResponse> alone;
        settle();
        alone = read(60);
        live(200);
        assertThat(hasty).isCompletedWithValueMatching(ClientResponse.ReadTimedOut.class::isInstance);
        assertThat(alone).isCompletedWithValueMatching(ClientResponse.ReadTimedOut.class::isInstance);
        assertThat(patient).isNotDone();
        acknowledge();
        assertThat(patient).isCompletedWithValueMatching(ClientResponse.Answer.class::isInstance);
        assertThat(outstanding.count()).isZero();
    }

    private CompletableFuture<ClientResponse> read() {
        return read(TimeUnit.MINUTES.toMillis(1));
    }

    private CompletableFuture<ClientResponse> read(long timeoutMillis) {
        long deadlineNanos = nowNanos + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        return outstanding.admit(new PendingRead(bytes("list"), 0, false, deadlineNanos, outstanding), driver::request);
    }

    /** The rounds of what was sent to the second server since the last acknowledgement. */
    private Set<Long> roundsSent() {
        return sent.stream()
                .filter(message -> message.to().equals(N2))
                .map(message -> ((Message.AppendEntries) message).round())
                .collect(Collectors.toSet());
    }

    /** Notes what the lease allowed as each message left. */
    private final class LookingTransport implements Transport {
        @Override
        public void start(Receiver receiver) {
            // Nothing ever arrives by it.
        }

        @Override
        public void send(Message message) {
            sent.add(message);
            leaseIndexes.add(lease.readIndex());
        }

        @Override
        public void close() {
            // Nothing was opened.
        }
    }

    private CompletableFuture<ClientResponse> readByLease() {
        return outstanding.admit(
                new PendingRead(bytes("list"), 0, true, nowNanos + TimeUnit.MINUTES.toNanos(1), outstanding),
                driver::request);
    }

    /** Lets the second server acknowledge what was sent to it. */
    private void acknowledge() {
        for (Message message : List.copyOf(sent)) {
            if (message instanceof Message.AppendEntries append && append.to().equals(N2)) {
                driver.receive(new Message.AppendEntriesAccepted(
                        N2,
                        N1,
                        append.term(),
                        append.prevLogIndex() + append.entries().size(),
                        append.round(),
                        10_000));
            }
        }
        sent.clear();
        leaseIndexes.clear();
        settle();
    }

    private void becomeLeaderOfThree() {
        while (driver.observed().role() != Role.LEADER) {
            live(100);
            for (Message message : List.copyOf(sent)) {
                if (message instanceof Message.PreVote preVote && preVote.to().equals(N2)) {
                    driver.receive(new Message.PreVoteResponse(N2, N1, preVote.term(), true));
                } else if (message instanceof Message.RequestVote vote
                        && vote.to().equals(N2)) {
                    driver.receive(new Message.RequestVoteResponse(N2, N1, vote.term(), true));
                }
            }
            sent.clear();
            settle();
        }
    }

    private static Message append(long index) {
        LogEntry entry = new LogEntry(index, 1, EntryType.COMMAND, 0, new byte[452]);
        return new Message.AppendEntries(N2, N1, 1, index - 1, index == 1 ? 0 : 1, List.of(entry), 0, 0, 0);
    }
}
