package io.balsa.raft.node;

import io.balsa.raft.port.ClientResponse;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A request on its way through the node, answered exactly once by whichever thread is first. While it is under way it
 * takes room in a {@link Budget} and stands in the {@link Outstanding} requests; its answer ends both. It is the future that
 * its sender gets, so what that may do to it decides nothing here.
 */
abstract class Pending extends CompletableFuture<ClientResponse> {
    // Numbers, and the first of them the one that a field begins with: so a new request costs no fence.
    private static final int ARRIVED = 0;
    private static final int HANDED_OVER = 1;
    private static final int ANSWERED = 2;

    private static final VarHandle STAGE;

    static {
        try {
            STAGE = MethodHandles.lookup().findVarHandle(Pending.class, "stage", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long bytes;
    private final Outstanding outstanding;
    private volatile int stage;
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
        return stage == ANSWERED;
    }

    /** Marks the moment from which the request may have an effect; false when it was answered already. */
    boolean handOver() {
        return STAGE.compareAndSet(this, ARRIVED, HANDED_OVER);
    }

    /** Answers, unless that was done before. */
    void answer(ClientResponse response) {
        if ((int) STAGE.getAndSet(this, ANSWERED) != ANSWERED) {
            finish(response);
        }
    }

    /**
     * Answers requests of one kind, each with its own response, unless that was done before. From the first on they count as
     * answered: should code that follows the answer of one block the calling thread, the others wait for it.
     *
     * @param responses one for each of the requests, in their order; made before, so that what fails then leaves nobody
     *     without an answer
     */
    static void answerAll(List<? extends Pending> requests, List<ClientResponse> responses) {
        List<Pending> unanswered = new ArrayList<>(requests.size());
        List<ClientResponse> theirs = new ArrayList<>(requests.size());
        for (int i = 0; i < requests.size(); i++) {
            Pending request = requests.get(i);
            if ((int) STAGE.getAndSet(request, ANSWERED) != ANSWERED) {
                unanswered.add(request);
                theirs.add(responses.get(i));
            }
        }
        if (unanswered.isEmpty()) {
            return;
        }
        unanswered.get(0).outstanding.removeAll(unanswered);
        for (int i = 0; i < unanswered.size(); i++) {
            unanswered.get(i).complete(theirs.get(i));
        }
    }

    /** Answers a request that the node will not get to: certainly not applied only if it was never handed over. */
    void abandon(String reason) {
        if (STAGE.compareAndSet(this, ARRIVED, ANSWERED)) {
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
