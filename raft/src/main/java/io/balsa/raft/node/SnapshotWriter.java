package io.balsa.raft.node;

import io.balsa.raft.core.Input;
import io.balsa.raft.core.SnapshotMetadata;
import io.balsa.raft.port.Clock;
import io.balsa.raft.port.SnapshotStorage;
import io.balsa.raft.port.StateMachine;
import io.balsa.raft.port.StorageException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongUnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The second phase of a snapshot: writes what the applier has cut, publishes it, and only then lets the log forget its
 * beginning. A disk that takes no snapshot does no harm to what is in the log, so the node goes on and tries again later.
 */
final class SnapshotWriter implements DutyCycle {
    /** A state that was cut, and what it stands for. */
    record Cut(StateMachine.Snapshot state, SnapshotMetadata metadata) {}

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotWriter.class);
    private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final SnapshotStorage storage;
    private final LongUnaryOperator firstIndexToKeep;
    private final Clock clock;
    private final DutySignal wakeup;
    private final Reports reports;
    private final AtomicReference<Cut> waiting = new AtomicReference<>();
    private volatile boolean failed;
    private volatile long failedNanos;
    private volatile boolean stopping;

    /** @param firstIndexToKeep the first entry that stays in the log, by the index of the snapshot */
    SnapshotWriter(
            SnapshotStorage storage,
            LongUnaryOperator firstIndexToKeep,
            Clock clock,
            DutySignal wakeup,
            Reports reports) {
        this.storage = storage;
        this.firstIndexToKeep = firstIndexToKeep;
        this.clock = clock;
        this.wakeup = wakeup;
        this.reports = reports;
    }

    /** Whether it takes a snapshot now: it writes none, and did not fail a moment ago. */
    boolean isReady() {
        return waiting.get() == null && !(failed && clock.nanoTime() - failedNanos < REST_NANOS);
    }

    /** Whether the last attempt failed, so that there is one to be made up for. */
    boolean hasFailed() {
        return failed;
    }

    /** Takes a snapshot to write; by the applier only, when it is ready. */
    void submit(Cut cut) {
        waiting.set(cut);
        wakeup.signal();
    }

    /** Lets a snapshot that is being written go, since the node stops. */
    void stop() {
        stopping = true;
    }

    @Override
    public int doWork() {
        Cut cut = waiting.get();
        if (cut == null) {
            return 0;
        }
        try (StateMachine.Snapshot state = cut.state()) {
            write(state, cut.metadata());
        }
        waiting.set(null);
        return 1;
    }

    @Override
    public long idleNanos() {
        return Long.MAX_VALUE;
    }

    @Override
    public void onClose() {
        Cut cut = waiting.getAndSet(null);
        if (cut != null) {
            cut.state().close();
        }
    }

    private void write(StateMachine.Snapshot state, SnapshotMetadata metadata) {
        try {
            try (SnapshotStorage.Writing writing = storage.write(metadata)) {
                state.writeTo(new Stoppable(writing.output()));
                writing.publish();
            }
        } catch (IOException | UncheckedIOException | StorageException failure) {
            rest(metadata, failure);
            return;
        }
        failed = false;
        reports.add(new Input.SnapshotTaken(metadata, firstIndexToKeep.applyAsLong(metadata.index())));
        storage.deleteOlder();
    }

    private void rest(SnapshotMetadata metadata, Exception failure) {
        if (!failed && !stopping) {
            LOG.warn(
                    "no snapshot at index {} could be written, trying again later; the log grows meanwhile",
                    metadata.index(),
                    failure);
        }
        failedNanos = clock.nanoTime();
        failed = true;
    }

    /** Ends the writing of a large state when the node stops. */
    private final class Stoppable extends FilterOutputStream {
        Stoppable(OutputStream output) {
            super(output);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (stopping) {
                throw new InterruptedIOException("the node stops");
            }
            out.write(bytes, offset, length);
        }
    }
}
