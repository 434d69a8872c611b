package io.balsa.simulation;

import io.balsa.raft.client.NotAppliedException;
import io.balsa.simulation.history.HistoryRecorder;
import io.balsa.statemachine.session.InvalidRequestException;
import io.balsa.statemachine.session.Session;
import java.util.Objects;

/** What one process does in one session: some of all that clients do, at the same time. */
final class CoordinationClient {
    private final CoordinationWorkload workload;
    private final ClientProcess process;
    private final Session session;

    CoordinationClient(CoordinationWorkload workload, ClientProcess process, Session session) {
        this.workload = workload;
        this.process = process;
        this.session = session;
    }

    void begin() {
        session.addListener(state -> {
            process.note(() -> "session " + session.id() + " is " + state);
            if (state.isFinal() && !process.isGone()) {
                session.detach();
                workload.open(process);
            }
        });
        new KeyValueClient(this, process, session, workload.keys()).begin();
        if (process.random().nextBoolean()) {
            new LockClient(this, process, session, workload.locks()).begin();
        }
        if (process.random().nextInt(3) == 0) {
            new ServiceClient(this, process, session).begin();
        }
        if (process.random().nextInt(3) == 0) {
            workload.services().watch(process, session);
        }
    }

    WorkloadContext context() {
        return workload.context();
    }

    /** Whether there is anything more to do. */
    boolean goesOn() {
        return !workload.isStopped() && !session.state().isFinal();
    }

    void succeeded(String what, Object outcome) {
        workload.succeed();
        process.witness(Objects.hashCode(outcome));
        process.note(() -> what + ": " + outcome);
    }

    /** An operation failed: certainly without effect, or nobody knows. */
    void settled(HistoryRecorder.Handle handle, String what, Throwable failure) {
        failed(what, failure);
        if (failure instanceof NotAppliedException) {
            handle.fail();
        } else {
            handle.info();
        }
    }

    void failed(String what, Throwable failure) {
        context().require(!(failure instanceof InvalidRequestException), "unexpected-answer", () -> "%s of %s: %s"
                .formatted(what, process.name(), failure));
        process.witness(failure.getClass().getName().hashCode());
        process.note(() -> what + ": " + failure.getMessage());
    }
}
