package io.balsa.simulation;

import io.balsa.raft.core.SnapshotDescription;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** The snapshots on a {@link SimulatedDisk}, and what befalls them there. What is published was synced. */
final class SimulatedSnapshotFiles {
    /** A published snapshot. Its bytes are never changed but replaced, by others that are damaged. */
    static final class Stored {
        private final SnapshotDescription description;
        private byte[] bytes;
        private boolean damaged;

        private Stored(SnapshotDescription description, byte[] bytes) {
            this.description = description;
            this.bytes = bytes;
        }

        SnapshotDescription description() {
            return description;
        }

        byte[] bytes() {
            return bytes;
        }

        private long index() {
            return description.metadata().index();
        }
    }

    private final Runnable spaceCheck;
    private final NavigableMap<Long, Stored> published = new TreeMap<>();
    private final List<String> discarded = new ArrayList<>();
    private Optional<SnapshotDescription> receiving = Optional.empty();
    private byte[] received = {};
    private long damagedIndex;

    /** @param spaceCheck throws if the disk takes nothing */
    SimulatedSnapshotFiles(Runnable spaceCheck) {
        this.spaceCheck = spaceCheck;
    }

    void checkSpace() {
        spaceCheck.run();
    }

    // ---- what is published -----------------------------------------------------------------------------------------

    /** The last entry whose effect is in a snapshot, 0 without one. */
    long lastIndex() {
        return published.isEmpty() ? 0 : published.lastKey();
    }

    Optional<SnapshotDescription> latest() {
        return Optional.ofNullable(published.lastEntry())
                .map(entry -> entry.getValue().description());
    }

    Optional<SnapshotDescription> before(SnapshotDescription newer) {
        return Optional.ofNullable(published.lowerEntry(newer.metadata().index()))
                .map(entry -> entry.getValue().description());
    }

    Optional<Stored> find(SnapshotDescription description) {
        return Optional.ofNullable(published.get(description.metadata().index()))
                .filter(stored -> stored.description().equals(description));
    }

    void publish(SnapshotDescription description, byte[] bytes) {
        published.put(description.metadata().index(), new Stored(description, bytes));
        if (description.metadata().index() >= damagedIndex) {
            damagedIndex = 0;
        }
    }

    void deleteOlder() {
        if (!published.isEmpty()) {
            published.headMap(published.lastKey(), false).clear();
        }
    }

    boolean discard(SnapshotDescription description) {
        if (find(description).isEmpty()) {
            return false;
        }
        published.remove(description.metadata().index());
        discarded.add("the snapshot at index " + description.metadata().index() + " was damaged");
        return true;
    }

    List<String> discarded() {
        return List.copyOf(discarded);
    }

    // ---- what is received ------------------------------------------------------------------------------------------

    /** Begins to receive a snapshot, or goes on with what is there of it; true if it is published already. */
    boolean beginReceiving(SnapshotDescription description) {
        if (find(description).isPresent()) {
            return true;
        }
        if (!isReceiving(description)) {
            receiving = Optional.of(description);
            received = new byte[0];
        }
        return false;
    }

    boolean isReceiving(SnapshotDescription description) {
        return receiving.equals(Optional.of(description));
    }

    byte[] received() {
        return received;
    }

    void store(byte[] data) {
        byte[] longer = Arrays.copyOf(received, received.length + data.length);
        System.arraycopy(data, 0, longer, received.length, data.length);
        received = longer;
    }

    void forgetReceived() {
        received = new byte[0];
    }

    // ---- what befalls them -----------------------------------------------------------------------------------------

    /** Of what was received, a beginning is left at most. */
    void losePower(SplittableRandom random) {
        received = Arrays.copyOf(received, random.nextInt(received.length + 1));
    }

    /** Flips a bit in the latest snapshot; false if there is none. */
    boolean damage(SplittableRandom random) {
        if (published.isEmpty()) {
            return false;
        }
        Stored latest = published.lastEntry().getValue();
        latest.bytes = flipped(latest.bytes, random);
        latest.damaged = true;
        damagedIndex = latest.index();
        return true;
    }

    /** Flips a bit in what was received of a snapshot that is not whole yet; false if there is nothing. */
    boolean damageReceived(SplittableRandom random) {
        if (received.length == 0) {
            return false;
        }
        received = flipped(received, random);
        return true;
    }

    static byte[] flipped(byte[] bytes, SplittableRandom random) {
        byte[] flipped = bytes.clone();
        flipped[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        return flipped;
    }

    /** Whether a snapshot was damaged that none has replaced since. */
    boolean isDamaged() {
        return damagedIndex != 0;
    }

    /** The newest snapshot that is whole. */
    Optional<SnapshotDescription> latestWhole() {
        return published.descendingMap().values().stream()
                .filter(stored -> !stored.damaged)
                .map(Stored::description)
                .findFirst();
    }

    /** Whether the latest snapshot is damaged. */
    boolean isLatestDamaged() {
        return !published.isEmpty() && published.lastEntry().getValue().damaged;
    }
}
