package io.balsa.raft.node;

import io.balsa.raft.core.Input;
import io.balsa.raft.core.RaftCore;
import io.balsa.raft.core.Ready;
import io.balsa.raft.port.ClientResponse;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.collections.MutableLong;

/**
 * The driver's reads on their way through the core, which names the index that they need: what confirms one confirms all
 * that came with it, so the core hears of one.
 */
final class ReadIntake {
    private static final long SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final RaftCore core;
    private final Applier applier;
    private final MutableLong lastRequestId;
    /** Reads that went to the core together, as if they were one. */
    private final Long2ObjectHashMap<List<PendingRead>> handedOver = new Long2ObjectHashMap<>();
    /** Those that go to the core together, next; and those that need only the leader's lease. */
    private List<PendingRead> waiting = new ArrayList<>();

    private List<PendingRead> waitingByLease = new ArrayList<>();
    private long sweptNanos;

    /**
     * @param applier serves those that are confirmed
     * @param lastRequestId the driver's, for all kinds of requests
     */
    ReadIntake(RaftCore core, Applier applier, MutableLong lastRequestId, long nowNanos) {
        this.core = core;
        this.applier = applier;
        this.lastRequestId = lastRequestId;
        this.sweptNanos = nowNanos;
    }

    void add(PendingRead read) {
        (read.isByLease() ? waitingByLease : waiting).add(read);
    }

    /**
     * Asks the core for all that wait.
     *
     * @param tick has the core know of the time that it is
     */
    void ask(Runnable tick) {
        if (!waitingByLease.isEmpty()) {
            long requestId = handOver(waitingByLease);
            waitingByLease = new ArrayList<>(waitingByLease.size());
            // The requests were there before this look at the clock: after a pause in between, the core knows of the
            // pause.
            tick.run();
            core.step(new Input.LeaseRead(requestId));
        }
        if (!waiting.isEmpty()) {
            long requestId = handOver(waiting);
            waiting = new ArrayList<>(waiting.size());
            core.step(new Input.ReadIndex(requestId));
        }
    }

    private long handOver(List<PendingRead> together) {
        handedOver.put(++lastRequestId.value, together);
        return lastRequestId.value;
    }

    /** The core knows which index they need. */
    void confirmed(Ready.ConfirmedRead read) {
        List<PendingRead> together = handedOver.remove(read.requestId());
        if (together != null) {
            applier.serve(read.index(), together);
        }
    }

    /** The core has refused them, if it was them. */
    void refused(long requestId, Supplier<ClientResponse> response) {
        List<PendingRead> together = handedOver.remove(requestId);
        if (together != null) {
            ClientResponse same = response.get();
            together.forEach(read -> read.answer(same));
        }
    }

    /** A read whose confirmation never comes, on a leader that is cut off, still ends in its time. */
    void endOverdue(long nowNanos) {
        if (handedOver.isEmpty() || nowNanos - sweptNanos < SWEEP_NANOS) {
            return;
        }
        sweptNanos = nowNanos;
        Iterator<List<PendingRead>> batches = handedOver.values().iterator();
        while (batches.hasNext()) {
            List<PendingRead> together = batches.next();
            together.removeIf(read -> endIfOverdue(read, nowNanos));
            if (together.isEmpty()) {
                batches.remove();
            }
        }
    }

    private static boolean endIfOverdue(PendingRead read, long nowNanos) {
        if (read.remainingNanos(nowNanos) > 0) {
            return false;
        }
        read.answer(new ClientResponse.ReadTimedOut());
        return true;
    }
}
