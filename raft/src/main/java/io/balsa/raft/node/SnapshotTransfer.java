package io.balsa.raft.node;

import io.balsa.raft.core.Input;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.Ready;
import io.balsa.raft.core.SnapshotMetadata;
import io.balsa.raft.port.Clock;
import io.balsa.raft.port.SnapshotDamagedException;
import io.balsa.raft.port.SnapshotStorage;
import io.balsa.raft.port.StorageException;
import io.balsa.raft.port.Transport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries snapshots between servers, away from the driver's thread: a leader's to followers that lack what its log no longer
 * has, and a leader's to this server. Its memory is bounded, however large the snapshots and however slow the others.
 */
final class SnapshotTransfer implements DutyCycle {
    private sealed interface Work {}

    private record Send(Ready.Send send) implements Work {}

    private record End(NodeId peer) implements Work {}

    private record EndAll(long belowTerm) implements Work {}

    private record Part(Message.InstallSnapshot part) implements Work {}

    private record Answered(Message.InstallSnapshotResponse response) implements Work {}

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotTransfer.class);
    private static final int MAX_WORK_PER_ROUND = 16;
    /** Parts and answers that arrive beyond are dropped, as the network may drop them. */
    private static final int MAX_WAITING = 64;

    private static final int MAX_PART_BYTES = 256 << 10;
    private static final long MIN_PARTS_PER_SECOND = 4;
    private static final long FAILURE_REST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final NodeId self;
    private final SnapshotStorage storage;
    private final Transport transport;
    private final Clock clock;
    private final DutySignal wakeup;
    private final Reports reports;
    private final Runnable takeFresh;
    private final long stallNanos;
    private final int partBytes;
    private final Pace pace;
    private final SnapshotReceiver receiver;
    private final Queue<Work> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final NavigableMap<NodeId, SnapshotSender> senders = new TreeMap<>();
    /** Peers to whom nothing could be sent, and when the core is told, which then asks again. */
    private final Map<NodeId, Long> failures = new TreeMap<>();

    /** To whom the last part went, so that the next one goes to somebody else. */
    private NodeId lastServed;

    /** This server's log hangs: with a snapshot, too, a leader that can serve nobody would hold its followers back. */
    private volatile boolean paused;

    /** A snapshot that is complete and not yet in effect; no other is received until it is. */
    private volatile SnapshotMetadata received;

    /**
     * @param wakeup on which this duty sleeps
     * @param reports takes what the core is to know
     * @param takeFresh has a snapshot taken of the state machine, in place of one that can't be sent
     */
    SnapshotTransfer(
            NodeId self,
            SnapshotStorage storage,
            Transport transport,
            Clock clock,
            RaftOptions options,
            DutySignal wakeup,
            Reports reports,
            Runnable takeFresh) {
        this.self = self;
        this.storage = storage;
        this.transport = transport;
        this.clock = clock;
        this.wakeup = wakeup;
        this.reports = reports;
        this.takeFresh = takeFresh;
        this.stallNanos = options.snapshotTimeout().toNanos();
        this.partBytes =
                (int) Math.max(1, Math.min(MAX_PART_BYTES, options.maxSnapshotBytesPerSecond() / MIN_PARTS_PER_SECOND));
        this.pace = new Pace(options.maxSnapshotBytesPerSecond(), clock.nanoTime());
        this.receiver = new SnapshotReceiver(storage);
    }

    /** Takes what the core wants done about transfers. By the driver only. */
    void carryOut(Ready.Snapshots snapshots) {
        snapshots.sends().forEach(send -> queue.offer(new Send(send)));
        snapshots.ended().forEach(peer -> queue.offer(new End(peer)));
        snapshots.chunks().forEach(part -> offerUnlessFull(new Part(part)));
        snapshots.responses().forEach(response -> offerUnlessFull(new Answered(response)));
        if (!queue.isEmpty()) {
            wakeup.signal();
        }
    }

    /** This server does not lead any term below this one. By the driver only. */
    void leadershipEnded(long belowTerm) {
        queue.offer(new EndAll(belowTerm));
        wakeup.signal();
    }

    /** Whether nothing is to be sent for now, since the disk of this server's log hangs. By the driver only. */
    void setPaused(boolean value) {
        if (paused != value) {
            paused = value;
            wakeup.signal();
        }
    }

    /** The snapshot that was received is in effect, or the core has no use for it. From any thread. */
    void settled() {
        received = null;
    }

    /** The snapshot that was received and is to take effect now. */
    ReceivedSnapshot receivedSnapshot(SnapshotMetadata metadata) {
        return storage.latest()
                .filter(latest -> latest.metadata().equals(metadata))
                .map(latest -> new ReceivedSnapshot(storage, latest, this::settled))
                .orElseThrow(() -> new StorageException(
                        "the snapshot at index " + metadata.index() + " that was received is gone"));
    }

    private void offerUnlessFull(Work work) {
        if (waiting.incrementAndGet() > MAX_WAITING) {
            waiting.decrementAndGet();
        } else {
            queue.offer(work);
        }
    }

    @Override
    public int doWork() {
        int work = 0;
        Work next;
        while (work < MAX_WORK_PER_ROUND && (next = queue.poll()) != null) {
            work++;
            take(next);
        }
        return work + sendParts() + tellFailures();
    }

    private void take(Work work) {
        if (work instanceof Send send) {
            begin(send.send());
        } else if (work instanceof End end) {
            end(end.peer());
        } else if (work instanceof EndAll all) {
            senders.values().stream()
                    .filter(sender -> sender.send().term() < all.belowTerm())
                    .map(sender -> sender.send().peer())
                    .toList()
                    .forEach(this::end);
        } else if (work instanceof Part part) {
            waiting.decrementAndGet();
            if (received == null) {
                receiver.take(part.part()).ifPresent(this::report);
            }
        } else if (work instanceof Answered answered) {
            waiting.decrementAndGet();
            SnapshotSender sender = senders.get(answered.response().from());
            if (sender != null) {
                sender.onResponse(answered.response(), clock.nanoTime());
            }
        }
    }

    private void report(Input report) {
        if (report instanceof Input.SnapshotReceived complete) {
            received = complete.metadata();
        }
        reports.add(report);
    }

    private void begin(Ready.Send send) {
        drop(send.peer());
        Optional<SnapshotSender> sender = Optional.empty();
        try {
            sender = SnapshotSender.begin(self, send, storage, partBytes, clock.nanoTime());
        } catch (StorageException failure) {
            LOG.warn("the snapshot for {} can't be read", send.peer(), failure);
        }
        if (sender.isPresent()) {
            senders.put(send.peer(), sender.get());
            LOG.info(
                    "sending {} the snapshot at index {}",
                    send.peer(),
                    sender.get().index());
        } else {
            // The log begins after entries of which no snapshot can be sent; the state machine has their effects.
            takeFresh.run();
            failures.put(send.peer(), clock.nanoTime() + FAILURE_REST_NANOS);
        }
    }

    private void end(NodeId peer) {
        drop(peer);
        reports.add(new Input.SnapshotSendEnded(peer));
    }

    private void drop(NodeId peer) {
        failures.remove(peer);
        SnapshotSender sender = senders.remove(peer);
        if (sender != null) {
            sender.close();
        }
    }

    /** One part to each follower in turn, beginning behind the one that got the last: the pace may allow for only one. */
    private int sendParts() {
        int work = 0;
        for (SnapshotSender sender : inTurn()) {
            long now = clock.nanoTime();
            NodeId peer = sender.send().peer();
            if (sender.isStalled(stallNanos, now)) {
                LOG.warn("{} takes no part of the snapshot at index {}", peer, sender.index());
                end(peer);
                work++;
            } else if (!paused && sender.isReady(now) && pace.nanosUntilFree(now) <= 0) {
                sendPart(sender, now);
                work++;
            }
        }
        return work;
    }

    private List<SnapshotSender> inTurn() {
        if (lastServed == null) {
            return List.copyOf(senders.values());
        }
        List<SnapshotSender> inTurn =
                new ArrayList<>(senders.tailMap(lastServed, false).values());
        inTurn.addAll(senders.headMap(lastServed, true).values());
        return inTurn;
    }

    private void sendPart(SnapshotSender sender, long now) {
        lastServed = sender.send().peer();
        try {
            Message.InstallSnapshot part = sender.next(now);
            pace.take(part.data().length, now);
            transport.send(part);
            transport.flush();
        } catch (SnapshotDamagedException damage) {
            giveUpDamaged(sender, now, damage);
        } catch (IOException | StorageException failure) {
            NodeId peer = sender.send().peer();
            LOG.warn("the snapshot at index {} for {} can't be read", sender.index(), peer, failure);
            drop(peer);
            failures.put(peer, now + FAILURE_REST_NANOS);
        }
    }

    /** No follower will ever get it whole, but what it was made of is in the state machine. */
    private void giveUpDamaged(SnapshotSender sender, long now, SnapshotDamagedException damage) {
        NodeId peer = sender.send().peer();
        LOG.warn(
                "the snapshot at index {} for {} is damaged; it is set aside, and a fresh one is taken of the state machine",
                sender.index(),
                peer,
                damage);
        drop(peer);
        failures.put(peer, now + FAILURE_REST_NANOS);
        try {
            storage.discard(sender.description());
        } catch (StorageException failure) {
            // A fresh one that is newer takes its place all the same.
            LOG.warn("the damaged snapshot at index {} can't be set aside", sender.index(), failure);
        }
        takeFresh.run();
    }

    private int tellFailures() {
        if (failures.isEmpty()) {
            return 0;
        }
        int work = 0;
        Iterator<Map.Entry<NodeId, Long>> waitingPeers = failures.entrySet().iterator();
        while (waitingPeers.hasNext()) {
            Map.Entry<NodeId, Long> failure = waitingPeers.next();
            if (failure.getValue() - clock.nanoTime() <= 0) {
                waitingPeers.remove();
                reports.add(new Input.SnapshotSendEnded(failure.getKey()));
                work++;
            }
        }
        return work;
    }

    @Override
    public long idleNanos() {
        long now = clock.nanoTime();
        long idle = Long.MAX_VALUE;
        for (SnapshotSender sender : senders.values()) {
            if (paused) {
                idle = Math.min(idle, sender.nanosUntilStalled(stallNanos, now));
                continue;
            }
            idle = Math.min(idle, Math.max(pace.nanosUntilFree(now), sender.nanosUntilReady(now)));
        }
        for (long due : failures.values()) {
            idle = Math.min(idle, due - now);
        }
        return Math.max(1, idle);
    }

    @Override
    public void onClose() {
        senders.values().forEach(SnapshotSender::close);
        senders.clear();
        receiver.close();
    }
}
