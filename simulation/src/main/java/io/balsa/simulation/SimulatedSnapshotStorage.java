package io.balsa.simulation;

import io.balsa.raft.adapter.SnapshotEncoder;
import io.balsa.raft.adapter.SnapshotInput;
import io.balsa.raft.core.Invariant;
import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.core.SnapshotMetadata;
import io.balsa.raft.port.SnapshotDamagedException;
import io.balsa.raft.port.SnapshotStorage;
import io.balsa.raft.port.StorageException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The snapshots of one process on a simulated disk, in the format of the real ones. */
final class SimulatedSnapshotStorage implements SnapshotStorage {
    private final SimulatedSnapshotFiles files;
    private final SimulatedDisk.Faults faults;
    private final Consumer<SnapshotDescription> onDiscarded;

    /** @param onDiscarded told of what proved damaged and was set aside */
    SimulatedSnapshotStorage(
            SimulatedSnapshotFiles files, SimulatedDisk.Faults faults, Consumer<SnapshotDescription> onDiscarded) {
        this.files = files;
        this.faults = faults;
        this.onDiscarded = onDiscarded;
    }

    /** What the next process on this disk opens. */
    SimulatedSnapshotStorage reopened() {
        return new SimulatedSnapshotStorage(files, faults, onDiscarded);
    }

    @Override
    public Optional<SnapshotDescription> latest() {
        return files.latest();
    }

    @Override
    public Optional<SnapshotDescription> before(SnapshotDescription newer) {
        return files.before(newer);
    }

    private SnapshotDescription publish(SnapshotDescription description, byte[] bytes) {
        faults.beforeOperation("publish");
        files.checkSpace();
        if (latest().map(latest ->
                        latest.metadata().index() < description.metadata().index())
                .orElse(true)) {
            files.publish(description, bytes);
        }
        faults.afterOperation("publish");
        return latest().orElseThrow();
    }

    /** The state in the bytes of a snapshot; whoever reads to its end has verified them. */
    private static InputStream open(SnapshotDescription description, byte[] bytes) throws IOException {
        return new SnapshotInput("a snapshot on a simulated disk", description, new ByteArrayInputStream(bytes));
    }

    private static void verify(SnapshotDescription description, byte[] bytes) throws IOException {
        try (InputStream content = open(description, bytes)) {
            content.transferTo(OutputStream.nullOutputStream());
        }
    }

    @Override
    public Writing write(SnapshotMetadata metadata) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        SnapshotEncoder encoder;
        try {
            encoder = new SnapshotEncoder(metadata, bytes);
        } catch (IOException e) {
            throw new IllegalStateException("memory takes every byte", e);
        }
        return new Writing() {
            @Override
            public OutputStream output() {
                return encoder;
            }

            @Override
            public SnapshotDescription publish() throws IOException {
                SnapshotDescription description = encoder.finish();
                return SimulatedSnapshotStorage.this.publish(description, bytes.toByteArray());
            }

            @Override
            public void close() {
                // What is not published is in memory only.
            }
        };
    }

    @Override
    public Receiving receive(SnapshotDescription description) {
        return new InParts(description, files.beginReceiving(description));
    }

    @Override
    public Optional<Source> open(SnapshotDescription description) {
        return files.find(description).map(Verified::new);
    }

    @Override
    public InputStream read(SnapshotDescription description) throws IOException {
        byte[] bytes = files.find(description)
                .map(SimulatedSnapshotFiles.Stored::bytes)
                .orElseThrow(() -> new IOException("there is no snapshot at index "
                        + description.metadata().index()));
        return open(description, bytes);
    }

    @Override
    public void deleteOlder() {
        files.deleteOlder();
    }

    @Override
    public void discard(SnapshotDescription description) {
        if (files.discard(description)) {
            onDiscarded.accept(description);
        }
    }

    @Override
    public List<String> discarded() {
        return files.discarded();
    }

    @Override
    public void close() {
        // The disk belongs to the machine.
    }

    /** A snapshot for sending, of which nothing is given out before all of it was found right. */
    private static final class Verified implements Source {
        private final SimulatedSnapshotFiles.Stored stored;
        private byte[] verified;

        Verified(SimulatedSnapshotFiles.Stored stored) {
            this.stored = stored;
        }

        @Override
        public SnapshotDescription description() {
            return stored.description();
        }

        @Override
        public byte[] read(long offset, int maxBytes) throws IOException {
            byte[] bytes = stored.bytes();
            if (bytes != verified) {
                verify(stored.description(), bytes);
                verified = bytes;
            }
            int from = (int) Math.min(offset, bytes.length);
            return Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + maxBytes));
        }

        @Override
        public void close() {
            // It is read from memory.
        }
    }

    private final class InParts implements Receiving {
        private final SnapshotDescription description;
        private final boolean isThere;

        InParts(SnapshotDescription description, boolean isThere) {
            this.description = description;
            this.isThere = isThere;
        }

        @Override
        public long nextOffset() {
            return isThere ? description.sizeBytes() : files.received().length;
        }

        @Override
        public void store(byte[] data) {
            Invariant.check(
                    nextOffset() + data.length <= description.sizeBytes(),
                    "nothing is stored behind the end of a snapshot");
            faults.beforeOperation("store");
            files.checkSpace();
            if (!files.isReceiving(description)) {
                throw new StorageException("another snapshot is being received");
            }
            files.store(data);
        }

        @Override
        public boolean publish() throws IOException {
            Invariant.check(nextOffset() == description.sizeBytes(), "only a whole snapshot is published");
            if (isThere) {
                return true;
            }
            byte[] all = files.received();
            try {
                verify(description, all);
            } catch (SnapshotDamagedException damaged) {
                files.forgetReceived();
                return false;
            }
            SimulatedSnapshotStorage.this.publish(description, all);
            return true;
        }

        @Override
        public void close() {
            // What is stored may be resumed.
        }
    }
}
