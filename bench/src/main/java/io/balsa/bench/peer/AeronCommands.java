package io.balsa.bench.peer;

import io.aeron.DirectBufferVector;
import io.aeron.ExclusivePublication;
import io.aeron.Image;
import io.aeron.Publication;
import io.aeron.cluster.client.AeronCluster;
import io.aeron.cluster.codecs.CloseReason;
import io.aeron.cluster.service.ClientSession;
import io.aeron.cluster.service.Cluster;
import io.aeron.cluster.service.ClusteredService;
import io.aeron.logbuffer.Header;
import io.balsa.bench.replication.ReplicationGroup.Completion;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;

/** Sends commands into Aeron Cluster, each with its number before it, and completes them where the leader's service counts them. */
final class AeronCommands implements PeerGroup.Replicator {

    /** A command that finds its place taken is refused. */
    private static final int PLACES = 1 << 16;

    private static final Duration KEEP_ALIVE = Duration.ofMillis(500);
    private static final Duration OFFER_LIMIT = Duration.ofSeconds(10);

    private final AtomicReferenceArray<Completion> pending = new AtomicReferenceArray<>(PLACES);
    private final UnsafeBuffer number = new UnsafeBuffer(new byte[Long.BYTES]);
    private final UnsafeBuffer command = new UnsafeBuffer(0, 0);
    /** The client itself fills the first. */
    private final DirectBufferVector[] message = {
        new DirectBufferVector(), new DirectBufferVector(number, 0, Long.BYTES), new DirectBufferVector()
    };

    private AeronCluster client;
    private long sent;

    void connect(AeronCluster.Context context, OpenParts parts) {
        client = AeronCluster.connect(context);
        parts.add(client);
        ScheduledExecutorService keepAlive =
                Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "aeron-keep-alive"));
        ScheduledFuture<?> beat = keepAlive.scheduleWithFixedDelay(
                this::keepAlive, KEEP_ALIVE.toMillis(), KEEP_ALIVE.toMillis(), TimeUnit.MILLISECONDS);
        parts.add(() -> {
            beat.cancel(false);
            keepAlive.shutdown();
            keepAlive.awaitTermination(OFFER_LIMIT.toSeconds(), TimeUnit.SECONDS);
        });
    }

    private synchronized void keepAlive() {
        client.pollEgress();
        client.sendKeepAlive();
    }

    @Override
    public synchronized void replicate(byte[] bytes, Completion completion) {
        long own = sent++;
        int place = place(own);
        if (!pending.compareAndSet(place, null, completion)) {
            completion.done(new IllegalStateException(PLACES + " commands are under way"));
            return;
        }
        number.putLong(0, own);
        command.wrap(bytes);
        message[2].reset(command, 0, bytes.length);
        long result = client.offer(message);
        if (result < 0) {
            result = offerAgain();
        }
        if (result < 0 && pending.compareAndSet(place, completion, null)) {
            completion.done(new IllegalStateException("Aeron took no command: " + Publication.errorString(result)));
        }
    }

    /** The ingress is full for a moment, or turns to its next term. */
    private long offerAgain() {
        Deadline deadline = Deadline.in(OFFER_LIMIT);
        IdleStrategy idle = new BackoffIdleStrategy();
        long result;
        do {
            idle.idle();
            result = client.offer(message);
        } while ((result == Publication.BACK_PRESSURED || result == Publication.ADMIN_ACTION) && !deadline.isOver());
        return result;
    }

    private static int place(long number) {
        return (int) number & (PLACES - 1);
    }

    Service service(int node, CompletableFuture<Integer> elected) {
        return new Service(node, elected);
    }

    /** Counts commands, says who became leader, and completes commands if it is the leader's. */
    final class Service implements ClusteredService {

        private final int node;
        private final CompletableFuture<Integer> elected;
        private boolean leads;
        private long count;

        private Service(int node, CompletableFuture<Integer> elected) {
            this.node = node;
            this.elected = elected;
        }

        @Override
        public void onSessionMessage(
                ClientSession session, long timestamp, DirectBuffer buffer, int offset, int length, Header header) {
            count++;
            if (leads) {
                Completion completion = pending.getAndSet(place(buffer.getLong(offset)), null);
                if (completion != null) {
                    completion.done(null);
                }
            }
        }

        @Override
        public void onRoleChange(Cluster.Role role) {
            leads = role == Cluster.Role.LEADER;
            if (leads) {
                elected.complete(node);
            }
        }

        @Override
        public void onStart(Cluster cluster, Image snapshot) {
            leads = cluster.role() == Cluster.Role.LEADER;
        }

        @Override
        public void onTakeSnapshot(ExclusivePublication snapshot) {
            UnsafeBuffer state = new UnsafeBuffer(new byte[Long.BYTES]);
            state.putLong(0, count);
            if (snapshot.offer(state) < 0) {
                throw new IllegalStateException("the snapshot has no room for a number");
            }
        }

        @Override
        public void onSessionOpen(ClientSession session, long timestamp) {}

        @Override
        public void onSessionClose(ClientSession session, long timestamp, CloseReason reason) {}

        @Override
        public void onTimerEvent(long correlationId, long timestamp) {}

        @Override
        public void onTerminate(Cluster cluster) {}
    }
}
