package io.balsa.simulation;

import io.balsa.raft.core.Invariant;
import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.core.SnapshotMetadata;
import io.balsa.raft.port.SnapshotStorage;
import io.balsa.raft.port.StorageException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/** The snapshots of one process on a simulated disk. */
final class SimulatedSnapshotStorage implements SnapshotStorage {
    /** Before the state, so that an empty one has bytes as well. */
    private static final byte FORMAT = 1;

    private record Stored(SnapshotDescription description, byte[] bytes) {}

    /** What of them is on the disk. */
    static final class Files {
        private final Runnable checkSpace;
        private final List<Stored> published = new ArrayList<>();
        private final List<String> discarded = new ArrayList<>();
        private Optional<SnapshotDescription> receiving = Optional.empty();
        private byte[] received = {};

        /** @param checkSpace throws if the disk takes nothing */
        Files(Runnable checkSpace) {
            this.checkSpace = checkSpace;
        }

        /** The last entry whose effect is in a snapshot, 0 without one. */
        long lastIndex() {
            return published.stream()
                    .mapToLong(stored -> stored.description().metadata().index())
                    .max()
                    .orElse(0);
        }

        /** Of what was received, a beginning is left at most. What is published was synced. */
        void losePower(SplittableRandom random) {
            received = Arrays.copyOf(received, random.nextInt(received.length + 1));
        }
    }

    private final Files files;
    private final SimulatedDisk.Faults faults;

    SimulatedSnapshotStorage(Files files, SimulatedDisk.Faults faults) {
        this.files = files;
        this.faults = faults;
    }

    /** What the next process on this disk opens. */
    SimulatedSnapshotStorage reopened() {
        return new SimulatedSnapshotStorage(files, faults);
    }

    @Override
    public Optional<SnapshotDescription> latest() {
        return files.published.stream().map(Stored::description).max(Comparator.comparingLong(description -> description
                .metadata()
                .index()));
    }

    private Optional<Stored> find(SnapshotDescription description) {
        return files.published.stream()
                .filter(stored -> stored.description().equals(description))
                .findFirst();
    }

    private SnapshotDescription publish(Stored stored) {
        faults.beforeOperation("publish");
        files.checkSpace.run();
        boolean newer = latest().map(latest -> latest.metadata().index()
                        < stored.description().metadata().index())
                .orElse(true);
        if (newer) {
            files.published.add(stored);
        }
        faults.afterOperation("publish");
        return latest().orElseThrow();
    }

    private static long checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return crc.getValue();
    }

    @Override
    public Writing write(SnapshotMetadata metadata) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(FORMAT);
        return new Writing() {
            @Override
            public OutputStream output() {
                return bytes;
            }

            @Override
            public SnapshotDescription publish() {
                byte[] all = bytes.toByteArray();
                return SimulatedSnapshotStorage.this.publish(
                        new Stored(new SnapshotDescription(metadata, all.length, checksum(all)), all));
            }

            @Override
            public void close() {
                // What is not published is in memory only.
            }
        };
    }

    @Override
    public Receiving receive(SnapshotDescription description) {
        Optional<Stored> there = find(description);
        if (!files.receiving.equals(Optional.of(description))) {
            files.receiving = Optional.of(description);
            files.received = there.map(Stored::bytes).orElseGet(() -> new byte[0]);
        }
        return new InParts(description);
    }

    @Override
    public Optional<Source> open(SnapshotDescription description) {
        return find(description).map(stored -> new Source() {
            @Override
            public SnapshotDescription description() {
                return description;
            }

            @Override
            public byte[] read(long offset, int maxBytes) {
                int from = (int) Math.min(offset, stored.bytes().length);
                return Arrays.copyOfRange(stored.bytes(), from, Math.min(stored.bytes().length, from + maxBytes));
            }

            @Override
            public void close() {
                // It is read from memory.
            }
        });
    }

    @Override
    public InputStream read(SnapshotDescription description) throws IOException {
        byte[] bytes = find(description)
                .map(Stored::bytes)
                .orElseThrow(() -> new IOException("there is no snapshot at index "
                        + description.metadata().index()));
        return new ByteArrayInputStream(bytes, 1, bytes.length - 1);
    }

    @Override
    public void deleteOlder() {
        latest().ifPresent(latest ->
                files.published.removeIf(stored -> !stored.description().equals(latest)));
    }

    @Override
    public void discard(SnapshotDescription description) {
        if (files.published.removeIf(stored -> stored.description().equals(description))) {
            files.discarded.add(
                    "the snapshot at index " + description.metadata().index() + " was damaged");
        }
    }

    @Override
    public List<String> discarded() {
        return List.copyOf(files.discarded);
    }

    @Override
    public void close() {
        // The disk belongs to the machine.
    }

    private final class InParts implements Receiving {
        private final SnapshotDescription description;

        InParts(SnapshotDescription description) {
            this.description = description;
        }

        @Override
        public long nextOffset() {
            return files.received.length;
        }

        @Override
        public void store(byte[] data) {
            Invariant.check(
                    files.received.length + (long) data.length <= description.sizeBytes(),
                    "nothing is stored behind the end of a snapshot");
            faults.beforeOperation("store");
            files.checkSpace.run();
            if (!files.receiving.equals(Optional.of(description))) {
                throw new StorageException("another snapshot is being received");
            }
            byte[] longer = Arrays.copyOf(files.received, files.received.length + data.length);
            System.arraycopy(data, 0, longer, files.received.length, data.length);
            files.received = longer;
        }

        @Override
        public boolean publish() {
            Invariant.check(files.received.length == description.sizeBytes(), "only a whole snapshot is published");
            byte[] all = files.received;
            if (checksum(all) != description.checksum()) {
                files.received = new byte[0];
                return false;
            }
            if (find(description).isEmpty()) {
                SimulatedSnapshotStorage.this.publish(new Stored(description, all));
            }
            return true;
        }

        @Override
        public void close() {
            // What is stored may be resumed.
        }
    }
}
