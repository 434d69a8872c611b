package io.balsa.raft.adapter;

import io.balsa.raft.core.Invariant;
import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.core.SnapshotMetadata;
import io.balsa.raft.port.SnapshotDamagedException;
import io.balsa.raft.port.SnapshotStorage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** Snapshots that live as long as their process, in the same format as those in files. */
public final class MemorySnapshotStorage implements SnapshotStorage {
    private static final String NAME = "a snapshot in memory";

    // All guarded by this.
    private final NavigableMap<Long, Stored> snapshots = new TreeMap<>();
    private final List<String> discarded = new ArrayList<>();
    private SnapshotDescription incoming;
    private ByteArrayOutputStream received = new ByteArrayOutputStream();

    private record Stored(SnapshotDescription description, byte[] bytes) {}

    @Override
    public synchronized Optional<SnapshotDescription> latest() {
        return snapshots.isEmpty()
                ? Optional.empty()
                : Optional.of(snapshots.lastEntry().getValue().description());
    }

    @Override
    public synchronized Optional<SnapshotDescription> before(SnapshotDescription newer) {
        return Optional.ofNullable(snapshots.lowerEntry(newer.metadata().index()))
                .map(entry -> entry.getValue().description());
    }

    private synchronized Optional<Stored> find(SnapshotDescription description) {
        return Optional.ofNullable(snapshots.get(description.metadata().index()))
                .filter(stored -> stored.description().equals(description));
    }

    private synchronized void publish(SnapshotDescription description, byte[] bytes) {
        snapshots.put(description.metadata().index(), new Stored(description, bytes));
    }

    @Override
    public Writing write(SnapshotMetadata metadata) {
        return new MemoryWriting(metadata);
    }

    @Override
    public synchronized Receiving receive(SnapshotDescription description) {
        if (!description.equals(incoming)) {
            incoming = description;
            received = new ByteArrayOutputStream();
        }
        return new MemoryReceiving(description);
    }

    @Override
    public Optional<Source> open(SnapshotDescription description) {
        return find(description).map(MemorySource::new);
    }

    @Override
    public InputStream read(SnapshotDescription description) throws IOException {
        Stored stored = find(description)
                .orElseThrow(() -> new NoSuchFileException("there is no such snapshot: " + description));
        return new SnapshotInput(NAME, description, new ByteArrayInputStream(stored.bytes()));
    }

    @Override
    public synchronized void deleteOlder() {
        if (!snapshots.isEmpty()) {
            snapshots.headMap(snapshots.lastKey(), false).clear();
        }
    }

    @Override
    public synchronized void discard(SnapshotDescription description) {
        if (find(description).isPresent()) {
            snapshots.remove(description.metadata().index());
            discarded.add("damaged snapshot: " + description);
        }
    }

    @Override
    public synchronized List<String> discarded() {
        return List.copyOf(discarded);
    }

    @Override
    public void close() {
        // Nothing is held but memory, which a test may want to read after a simulated restart.
    }

    private final class MemoryWriting implements Writing {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final SnapshotEncoder encoder;

        MemoryWriting(SnapshotMetadata metadata) {
            try {
                encoder = new SnapshotEncoder(metadata, bytes);
            } catch (IOException e) {
                throw new IllegalStateException("memory takes every byte", e);
            }
        }

        @Override
        public OutputStream output() {
            return encoder;
        }

        @Override
        public SnapshotDescription publish() throws IOException {
            SnapshotDescription description = encoder.finish();
            synchronized (MemorySnapshotStorage.this) {
                if (snapshots.isEmpty()
                        || snapshots.lastKey() < description.metadata().index()) {
                    MemorySnapshotStorage.this.publish(description, bytes.toByteArray());
                }
                return latest().orElseThrow();
            }
        }

        @Override
        public void close() {
            // What is not published is forgotten with this.
        }
    }

    private final class MemoryReceiving implements Receiving {
        private final SnapshotDescription description;
        private final boolean isThere;

        MemoryReceiving(SnapshotDescription description) {
            this.description = description;
            this.isThere = find(description).isPresent();
        }

        @Override
        public long nextOffset() {
            return isThere ? description.sizeBytes() : received.size();
        }

        @Override
        public void store(byte[] data) throws IOException {
            Invariant.check(
                    data.length <= description.sizeBytes() - nextOffset(),
                    "nothing is stored behind the end of a snapshot: %d bytes at %d",
                    data.length,
                    nextOffset());
            received.write(data);
        }

        @Override
        public boolean publish() throws IOException {
            Invariant.check(nextOffset() == description.sizeBytes(), "a snapshot is published when all of it is there");
            if (isThere) {
                return true;
            }
            byte[] bytes = received.toByteArray();
            received = new ByteArrayOutputStream();
            try (InputStream content = new SnapshotInput(NAME, description, new ByteArrayInputStream(bytes))) {
                content.transferTo(OutputStream.nullOutputStream());
            } catch (SnapshotDamagedException e) {
                return false;
            }
            MemorySnapshotStorage.this.publish(description, bytes);
            return true;
        }

        @Override
        public void close() {
            // What was received stays for the next attempt.
        }
    }

    private static final class MemorySource implements Source {
        private final Stored stored;

        MemorySource(Stored stored) {
            this.stored = stored;
        }

        @Override
        public SnapshotDescription description() {
            return stored.description();
        }

        @Override
        public byte[] read(long offset, int maxBytes) {
            byte[] bytes = stored.bytes();
            return Arrays.copyOfRange(bytes, (int) offset, (int) Math.min(bytes.length, offset + maxBytes));
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}
