package io.balsa.raft.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.Input;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.Ready;
import io.balsa.raft.core.SnapshotMetadata;
import io.balsa.raft.port.SnapshotStorage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A leader's side and a follower's side of a transfer, by hand, over a network that the test is. */
class SnapshotTransferTest {
    private static final NodeId LEADER = NodeId.of("n1");
    private static final NodeId FOLLOWER = NodeId.of("n2");
    private static final int SIZE = 100_000;
    /** Parts of 1 KiB, so that there are many. */
    private static final RaftOptions OPTIONS =
            RaftOptions.builder().maxSnapshotBytesPerSecond(4 << 10).build();

    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final TestSnapshots from = new TestSnapshots();
    private final TestSnapshots to = new TestSnapshots();
    private final List<Message> sent = new ArrayList<>();
    private final Wakeup wakeup = new Wakeup();
    private final Reports leaderReports = new Reports(wakeup);
    private final Reports followerReports = new Reports(wakeup);
    private final AtomicInteger fresh = new AtomicInteger();
    private long nowNanos = 77;
    private SnapshotTransfer sending;
    private SnapshotTransfer receiving;
    private boolean complete;

    @BeforeEach
    void setUp() throws IOException {
        publish(10);
        sending = new SnapshotTransfer(
                LEADER,
                from,
                new RecordingTransport(sent),
                () -> nowNanos,
                OPTIONS,
                wakeup,
                leaderReports,
                fresh::incrementAndGet);
        receiving = new SnapshotTransfer(
                FOLLOWER,
                to,
                new RecordingTransport(new ArrayList<>()),
                () -> nowNanos,
                OPTIONS,
                wakeup,
                followerReports,
                fresh::incrementAndGet);
    }

    private void publish(long index) throws IOException {
        byte[] state = new byte[SIZE];
        new Random(index).nextBytes(state);
        try (SnapshotStorage.Writing writing =
                from.write(new SnapshotMetadata(index, 1, 5, Configuration.of(List.of(LEADER))))) {
            writing.output().write(state);
            writing.publish();
        }
    }

    private void beginSending(long term) {
        sending.carryOut(new Ready.Snapshots(
                List.of(new Ready.Send(FOLLOWER, term, 1)), List.of(), List.of(), List.of(), Optional.empty(), 0));
    }

    /** Lets both sides work, and gives what the leader's side wants to say. */
    private List<Message.InstallSnapshot> parts() {
        nowNanos += STEP_NANOS;
        sending.doWork();
        List<Message.InstallSnapshot> parts =
                sent.stream().map(message -> (Message.InstallSnapshot) message).toList();
        sent.clear();
        return parts;
    }

    /** Hands a part to the follower's side, and gives what it answers. */
    private Optional<Message.InstallSnapshotResponse> deliver(Message.InstallSnapshot part) {
        receiving.carryOut(new Ready.Snapshots(List.of(), List.of(), List.of(part), List.of(), Optional.empty(), 0));
        receiving.doWork();
        Input report = followerReports.poll();
        if (report instanceof Input.SnapshotReceived) {
            complete = true;
        } else if (report instanceof Input.SnapshotChunkStored stored) {
            return Optional.of(new Message.InstallSnapshotResponse(
                    FOLLOWER, LEADER, stored.term(), stored.snapshotIndex(), stored.nextOffset()));
        }
        return Optional.empty();
    }

    private void answer(Message.InstallSnapshotResponse response) {
        sending.carryOut(new Ready.Snapshots(List.of(), List.of(), List.of(), List.of(response), Optional.empty(), 0));
    }

    private int transferUndisturbed() {
        int parts = 0;
        while (!complete) {
            for (Message.InstallSnapshot part : parts()) {
                parts++;
                deliver(part).ifPresent(this::answer);
            }
        }
        return parts;
    }

    private void assertWhole() {
        assertThat(to.latest()).isEqualTo(from.latest());
    }

    @Test
    void aSnapshotArrivesPartByPartNoFasterThanAllowed() {
        beginSending(1);
        long begun = nowNanos;
        int parts = transferUndisturbed();
        assertWhole();
        assertThat(parts).isEqualTo(1 + (SIZE + 1023) / 1024);
        assertThat((nowNanos - begun) / 1e9).isGreaterThan(SIZE / 4096.0 - 1);
    }

    @Test
    @Tag("case-50")
    void lostDuplicatedReorderedAndDamagedPartsEndInTheWholeSnapshot() {
        for (long seed = 1; seed <= 50; seed++) {
            Random random = new Random(seed);
            to.latest().ifPresent(to::discard);
            receiving.settled();
            complete = false;
            beginSending(seed);
            List<Message> network = new ArrayList<>();
            for (int step = 0; !complete; step++) {
                assertThat(step).as("seed %d", seed).isLessThan(100_000);
                network.addAll(parts());
                if (network.isEmpty()) {
                    continue;
                }
                Message next = network.get(random.nextInt(network.size()));
                if (random.nextInt(10) != 0) {
                    network.remove(next);
                }
                if (random.nextInt(10) != 0) {
                    receive(next, random, network);
                }
                if (network.size() > 20) {
                    network.clear();
                }
            }
            assertWhole();
            drainFollower();
        }
    }

    private void receive(Message message, Random random, List<Message> network) {
        if (message instanceof Message.InstallSnapshot part) {
            if (part.data().length > 0 && random.nextInt(50) == 0) {
                byte[] damaged = part.data().clone();
                damaged[0] ^= 1;
                deliver(new Message.InstallSnapshot(
                        part.from(),
                        part.to(),
                        part.term(),
                        part.snapshot(),
                        part.offset(),
                        damaged,
                        part.dataChecksum()));
            }
            deliver(part).ifPresent(network::add);
        } else if (message instanceof Message.InstallSnapshotResponse response) {
            answer(response);
        }
    }

    private void drainFollower() {
        while (followerReports.poll() != null) {
            // Of parts that came after the whole.
        }
    }

    @Test
    @Tag("case-50")
    void whatProvesDamagedInTheEndIsSentAgainFromTheBeginning() {
        beginSending(1);
        to.damageNextPart();
        int parts = transferUndisturbed();
        assertWhole();
        assertThat(parts).isGreaterThan(2 * SIZE / 1024);
    }

    @Test
    @Tag("case-51")
    void anotherLeaderGoesOnWhereTheFirstOneStopped() {
        beginSending(1);
        for (int i = 0; i < 200 && to.partsStored() < 40; i++) {
            parts().forEach(part -> deliver(part).ifPresent(this::answer));
        }
        sending.leadershipEnded(2);
        beginSending(2);
        int parts = transferUndisturbed();
        assertWhole();
        assertThat(parts).isLessThan(SIZE / 1024 - 30);
    }

    @Test
    @Tag("case-51")
    @Tag("case-53")
    void aNewerSnapshotTakesThePlaceOfOneThatWasBegun() throws IOException {
        beginSending(1);
        for (int i = 0; i < 200 && to.partsStored() < 40; i++) {
            parts().forEach(part -> deliver(part).ifPresent(this::answer));
        }
        publish(20);
        beginSending(2);
        transferUndisturbed();
        assertWhole();
        assertThat(to.latestIndex()).isEqualTo(20);
    }

    @Test
    @Tag("case-34")
    void aFullDiskOfTheFollowerIsNoEndOfItAndTheTransferIsGivenUpInTime() {
        to.setFull(true);
        beginSending(1);
        List<Input> reports = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            parts().forEach(part -> deliver(part).ifPresent(this::answer));
            Optional.ofNullable(leaderReports.poll()).ifPresent(reports::add);
        }
        assertThat(reports).containsExactly(new Input.SnapshotSendEnded(FOLLOWER));
        to.setFull(false);
        beginSending(1);
        transferUndisturbed();
        assertWhole();
    }

    @Test
    @Tag("case-88")
    void aFollowerThatTakesNothingHasOnlyAFewPartsOnTheWay() {
        beginSending(1);
        Message.InstallSnapshot asked = parts().get(0);
        answer(deliver(asked).orElseThrow());
        int dataParts = 0;
        for (int i = 0; i < 500; i++) {
            for (Message.InstallSnapshot part : parts()) {
                dataParts += part.data().length > 0 ? 1 : 0;
            }
        }
        assertThat(dataParts).isLessThanOrEqualTo(4);
    }

    @Test
    @Tag("case-32")
    void aSnapshotThatProvesDamagedWhileItIsSentIsSetAsideAndAFreshOneIsAskedFor() throws IOException {
        beginSending(1);
        for (int i = 0; i < 200 && to.partsStored() < 40; i++) {
            parts().forEach(part -> deliver(part).ifPresent(this::answer));
        }
        from.damageLatest();
        for (int i = 0; i < 10 && fresh.get() == 0; i++) {
            parts();
        }
        assertThat(fresh).hasValue(1);
        assertThat(from.latest()).isEmpty();
        nowNanos += TimeUnit.SECONDS.toNanos(2);
        sending.doWork();
        assertThat(leaderReports.poll()).isEqualTo(new Input.SnapshotSendEnded(FOLLOWER));
        publish(10);
        beginSending(1);
        transferUndisturbed();
        assertWhole();
    }

    @Test
    void followersTakeTurnsWhenThePaceAllowsOnlyOnePartAtATime() {
        NodeId other = NodeId.of("n3");
        sending.carryOut(new Ready.Snapshots(
                List.of(new Ready.Send(FOLLOWER, 1, 1), new Ready.Send(other, 1, 1)),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty(),
                0));
        Map<NodeId, Integer> dataParts = new HashMap<>(Map.of(FOLLOWER, 0, other, 0));
        for (int i = 0; i < 200; i++) {
            for (Message.InstallSnapshot part : parts()) {
                dataParts.merge(part.to(), part.data().length > 0 ? 1 : 0, Integer::sum);
                answer(new Message.InstallSnapshotResponse(
                        part.to(), LEADER, 1, part.snapshot().metadata().index(), part.offset() + part.data().length));
            }
            assertThat(Math.abs(dataParts.get(FOLLOWER) - dataParts.get(other))).isLessThanOrEqualTo(2);
        }
        assertThat(dataParts.get(other)).isGreaterThan(10);
    }

    @Test
    void nothingIsSentWhileTheLogsDiskHangs() {
        beginSending(1);
        for (int i = 0; i < 200 && to.partsStored() < 10; i++) {
            parts().forEach(part -> deliver(part).ifPresent(this::answer));
        }
        sending.setPaused(true);
        for (int i = 0; i < 100; i++) {
            assertThat(parts()).isEmpty();
        }
        assertThat(sending.idleNanos()).isGreaterThan(STEP_NANOS);
        sending.setPaused(false);
        transferUndisturbed();
        assertWhole();
    }

    @Test
    void aLeaderWithoutASnapshotSaysSoAfterAWhile() {
        from.latest().ifPresent(from::discard);
        beginSending(1);
        sending.doWork();
        assertThat(leaderReports.poll()).isNull();
        assertThat(fresh).hasValue(1);
        nowNanos += TimeUnit.SECONDS.toNanos(2);
        sending.doWork();
        assertThat(leaderReports.poll()).isEqualTo(new Input.SnapshotSendEnded(FOLLOWER));
    }
}
