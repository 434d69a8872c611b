package io.balsa.raft.node;

import io.balsa.raft.port.ClientResponse;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;

/**
 * A request on its way through the node, answered exactly once by whichever thread is first. While it is under way it
 * takes room in a {@link Budget} and stands in the {@link Outstanding} requests; its answer ends both. It is the future that
 * its sender gets, so what that may do to it decides nothing here.
 */
abstract class Pending extends CompletableFuture<ClientResponse> {
    private enum Stage {
        ARRIVED,
        HANDED_OVER,
        ANSWERED
    }

    private static final VarHandle STAGE;

    static {
        try {
            STAGE = MethodHandles.lookup().findVarHandle(Pending.class, "stage", Stage.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long bytes;
    private final Outstanding outstanding;
    private volatile Stage stage = Stage.ARRIVED;
    private long arrival;
    /** The neighbours in the list of {@link Outstanding}, whose they are. */
    Pending previous;

    Pending next;
    boolean isListed;

    Pending(long bytes, Outstanding outstanding) {
        this.bytes = bytes;
        this.outstanding = outstanding;
    }

    long bytes() {
        return bytes;
    }

    /** Its place among the outstanding requests; given before any other thread knows of it. */
    void arrivedAs(long number) {
        arrival = number;
    }

    long arrival() {
        return arrival;
    }

    boolean isAnswered() {
        return stage == Stage.ANSWERED;
    }

    /** Marks the moment from which the request may have an effect; false when it was answered already. */
    boolean handOver() {
        return STAGE.compareAndSet(this, Stage.ARRIVED, Stage.HANDED_OVER);
    }

    /** Answers, unless that was done before. */
    void answer(ClientResponse response) {
        if ((Stage) STAGE.getAndSet(this, Stage.ANSWERED) != Stage.ANSWERED) {
            finish(response);
        }
    }

    /** Answers a request that the node will not get to: certainly not applied only if it was never handed over. */
    void abandon(String reason) {
        if (STAGE.compareAndSet(this, Stage.ARRIVED, Stage.ANSWERED)) {
            finish(new ClientResponse.Unavailable(reason));
        } else {
            answer(abandonedInFlight(reason));
        }
    }

    /** The answer when the node stops after the request was handed over. */
    abstract ClientResponse abandonedInFlight(String reason);

    private void finish(ClientResponse response) {
        outstanding.remove(this);
        complete(response);
    }
}
