package io.balsa.simulation;

import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.port.ReadConsistency;
import io.balsa.simulation.history.HistoryRecorder;
import io.balsa.statemachine.session.InvalidRequestException;
import io.balsa.statemachine.session.Session;
import java.time.Duration;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/** What one process does in one session: some of all that clients do, at the same time. */
final class CoordinationClient {
    private static final int MOST_IN_A_HURRY = 16;
    private static final int LONGEST_HURRY_MILLIS = 700;
    private static final int LONGEST_SESSION_MILLIS = 15_000;
    private static final byte[] VALUE = {1};

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
        if (workload.counts()) {
            countAndMeet(workload.context().random("counting of " + process.name() + " in session " + session.id()));
        }
        if (process.random().nextInt(3) == 0) {
            workload.observers().watch(process, session, LockClient.drawName(process.random()));
        }
        if (process.random().nextInt(3) == 0) {
            process.after(Duration.ofMillis(process.random().nextInt(LONGEST_SESSION_MILLIS)), this::close);
        }
    }

    private void countAndMeet(SplittableRandom random) {
        if (random.nextBoolean()) {
            new CounterClient(this, process, session, random.split()).begin();
        }
        if (random.nextBoolean()) {
            new BarrierClient(this, process, session, workload.barriers(), random.split()).begin();
        }
    }

    /** In the middle of whatever it is doing, and waiting for. */
    private void close() {
        if (goesOn()) {
            process.note(() -> "closes session " + session.id());
            expectNoFault("close", session.closeAsync());
        }
    }

    /** Writes much at once, to keys that nobody else reads, or reads them again and again for a while. */
    void hurry() {
        if (!goesOn() || process.isGone()) {
            return;
        }
        boolean writes = process.random().nextBoolean();
        int times = process.random().nextInt(1, MOST_IN_A_HURRY);
        for (int i = 0; i < times; i++) {
            String key = "hurry" + process.random().nextInt(3);
            if (writes) {
                expectNoFault("put " + key, session.keyValues().putAsync(key, VALUE));
            } else {
                process.after(
                        Duration.ofMillis(process.random().nextInt(LONGEST_HURRY_MILLIS)), () -> readInAHurry(key));
            }
        }
    }

    private void readInAHurry(String key) {
        if (goesOn()) {
            ReadConsistency consistency =
                    process.random().nextBoolean() ? ReadConsistency.LEASE : ReadConsistency.LINEARIZABLE;
            expectNoFault("get " + key, session.keyValues().getAsync(key, consistency));
        }
    }

    private void expectNoFault(String what, CompletableFuture<?> answer) {
        CompletableFuture<?> unused = answer.whenComplete((outcome, failure) -> {
            if (failure != null) {
                failed(what, failure);
            }
        });
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
