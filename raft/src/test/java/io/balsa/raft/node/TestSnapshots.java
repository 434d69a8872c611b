package io.balsa.raft.node;

import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.core.SnapshotMetadata;
import io.balsa.raft.port.SnapshotDamagedException;
import io.balsa.raft.port.SnapshotStorage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;

/** Snapshots in memory, whose disk can be full and whose bytes can be damaged. Keeps its content when it is closed. */
final class TestSnapshots implements SnapshotStorage {
    private record Stored(SnapshotDescription description, byte[] bytes) {}

    private final ConcurrentSkipListMap<Long, Stored> snapshots = new ConcurrentSkipListMap<>();
    private final AtomicInteger published = new AtomicInteger();
    private final AtomicInteger partsStored = new AtomicInteger();
    private volatile boolean full;
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private final CountDownLatch waiting = new CountDownLatch(1);
    private volatile boolean damaging;
    private volatile boolean damagesNextRead;
    private volatile boolean keepsOlder;
    private final AtomicInteger discards = new AtomicInteger();

    private SnapshotDescription incoming;
    private ByteArrayOutputStream incomingBytes = new ByteArrayOutputStream();

    /** From now on the disk takes no snapshot until {@link #openGate}. */
    void closeGate() {
        gate = new CountDownLatch(1);
    }

    void openGate() {
        gate.countDown();
    }

    /** Whether a snapshot has come to a closed gate. */
    boolean isHeldUp() {
        return waiting.getCount() == 0 && gate.getCount() > 0;
    }

    private void passGate() {
        try {
            waiting.countDown();
            gate.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    void setFull(boolean value) {
        full = value;
    }

    /** The next part that is stored loses a bit on the way to the disk. */
    void damageNextPart() {
        damaging = true;
    }

    void damageLatest() {
        snapshots.lastEntry().getValue().bytes[0] ^= 1;
    }

    /** The next snapshot of which a part is read for sending loses a bit before that, also one that is open already. */
    void damageNextRead() {
        damagesNextRead = true;
    }

    /** As if the node had stopped each time before it deleted them. */
    void setKeepsOlder(boolean value) {
        keepsOlder = value;
    }

    /** How many snapshots were set aside. */
    int discards() {
        return discards.get();
    }

    /** How many of its own snapshots were written. */
    int published() {
        return published.get();
    }

    int partsStored() {
        return partsStored.get();
    }

    long latestIndex() {
        return latest().map(latest -> latest.metadata().index()).orElse(0L);
    }

    private void checkRoom() throws IOException {
        if (full) {
            throw new IOException("no space left on device");
        }
    }

    private static long checksum(byte[] bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes);
        return checksum.getValue();
    }

    @Override
    public Optional<SnapshotDescription> latest() {
        return Optional.ofNullable(snapshots.lastEntry()).map(entry -> entry.getValue().description);
    }

    private void put(Stored stored) {
        snapshots.put(stored.description.metadata().index(), stored);
    }

    @Override
    public Writing write(SnapshotMetadata metadata) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        return new Writing() {
            @Override
            public OutputStream output() {
                return output;
            }

            @Override
            public SnapshotDescription publish() throws IOException {
                passGate();
                checkRoom();
                byte[] bytes = output.toByteArray();
                SnapshotDescription description = new SnapshotDescription(metadata, bytes.length, checksum(bytes));
                put(new Stored(description, bytes));
                published.incrementAndGet();
                return description;
            }

            @Override
            public void close() {
                output.reset();
            }
        };
    }

    @Override
    public Receiving receive(SnapshotDescription description) {
        if (!description.equals(incoming)) {
            incoming = description;
            incomingBytes = new ByteArrayOutputStream();
        }
        return new Receiving() {
            @Override
            public long nextOffset() {
                return incomingBytes.size();
            }

            @Override
            public void store(byte[] data) throws IOException {
                checkRoom();
                byte[] stored = data.clone();
                if (damaging) {
                    damaging = false;
                    stored[0] ^= 1;
                }
                incomingBytes.write(stored);
                partsStored.incrementAndGet();
            }

            @Override
            public boolean publish() {
                byte[] bytes = incomingBytes.toByteArray();
                incomingBytes.reset();
                if (checksum(bytes) != description.checksum()) {
                    return false;
                }
                put(new Stored(description, bytes));
                incoming = null;
                return true;
            }

            @Override
            public void close() {
                // What is stored stays.
            }
        };
    }

    @Override
    public Optional<Source> open(SnapshotDescription description) {
        return Optional.ofNullable(snapshots.get(description.metadata().index()))
                .map(stored -> new Source() {
                    @Override
                    public SnapshotDescription description() {
                        return stored.description;
                    }

                    @Override
                    public byte[] read(long offset, int maxBytes) throws IOException {
                        perhapsDamage(stored);
                        checkWhole(stored);
                        int from = (int) offset;
                        return Arrays.copyOfRange(stored.bytes, from, Math.min(stored.bytes.length, from + maxBytes));
                    }

                    @Override
                    public void close() {
                        // Nothing was opened.
                    }
                });
    }

    private void perhapsDamage(Stored stored) {
        if (damagesNextRead) {
            damagesNextRead = false;
            stored.bytes[0] ^= 1;
        }
    }

    private static void checkWhole(Stored stored) throws IOException {
        if (checksum(stored.bytes) != stored.description.checksum()) {
            throw new SnapshotDamagedException("the snapshot in memory is damaged at 0");
        }
    }

    @Override
    public Optional<SnapshotDescription> before(SnapshotDescription newer) {
        return Optional.ofNullable(snapshots.lowerEntry(newer.metadata().index()))
                .map(entry -> entry.getValue().description);
    }

    @Override
    public InputStream read(SnapshotDescription description) throws IOException {
        Stored stored = snapshots.get(description.metadata().index());
        checkWhole(stored);
        return new ByteArrayInputStream(stored.bytes);
    }

    @Override
    public void deleteOlder() {
        if (!keepsOlder) {
            snapshots.headMap(snapshots.lastKey()).clear();
        }
    }

    @Override
    public void discard(SnapshotDescription description) {
        discards.incrementAndGet();
        snapshots.remove(description.metadata().index());
    }

    @Override
    public List<String> discarded() {
        return List.of();
    }

    @Override
    public void close() {
        full = false;
    }
}
