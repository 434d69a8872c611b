package io.balsa.raft.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.InvariantViolation;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.core.SnapshotMetadata;
import io.balsa.raft.port.SnapshotStorage;
import io.balsa.raft.port.SnapshotStorage.Receiving;
import io.balsa.raft.port.SnapshotStorage.Source;
import io.balsa.raft.port.SnapshotStorage.Writing;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What every snapshot storage must do. Each adapter runs it. */
public abstract class SnapshotStorageContract {
    private static final int CHUNK_BYTES = 10_000;

    protected SnapshotStorage storage;

    /** A new, empty storage; each call gives another. */
    protected abstract SnapshotStorage create();

    /** Closes the storage if it can be closed, and opens what it stored. */
    protected abstract SnapshotStorage reopen(SnapshotStorage opened);

    @BeforeEach
    void createStorage() {
        storage = create();
    }

    @AfterEach
    void closeStorage() {
        storage.close();
        storage.close();
    }

    static SnapshotMetadata metadata(long index) {
        return new SnapshotMetadata(
                index,
                3,
                index * 10,
                new Configuration(
                        List.of(NodeId.of("n1"), NodeId.of("n2"), NodeId.of("n3")),
                        List.of(),
                        List.of(NodeId.of("n4")),
                        List.of(NodeId.of("n0")),
                        Map.of(NodeId.of("n1"), "10.0.0.1:7101")));
    }

    /** A state of so many bytes; the index decides which. */
    static byte[] state(long index, int length) {
        byte[] state = new byte[length];
        new Random(index).nextBytes(state);
        return state;
    }

    static SnapshotDescription write(SnapshotStorage storage, long index, int length) {
        try (Writing writing = storage.write(metadata(index))) {
            writing.output().write(state(index, length));
            return writing.publish();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static byte[] read(SnapshotStorage storage, SnapshotDescription description) throws IOException {
        try (InputStream input = storage.read(description)) {
            return input.readAllBytes();
        }
    }

    static byte[] bytes(SnapshotStorage storage, SnapshotDescription description) throws IOException {
        try (Source source = storage.open(description).orElseThrow()) {
            assertThat(source.description()).isEqualTo(description);
            byte[] all = source.read(0, (int) description.sizeBytes() + 1);
            assertThat(all).hasSize((int) description.sizeBytes());
            return all;
        }
    }

    static void store(Receiving receiving, byte[] bytes, int upTo) throws IOException {
        while (receiving.nextOffset() < upTo) {
            int from = (int) receiving.nextOffset();
            receiving.store(Arrays.copyOfRange(bytes, from, Math.min(upTo, from + CHUNK_BYTES)));
        }
    }

    @Test
    void anEmptyStorageHasNoSnapshot() {
        assertThat(storage.latest()).isEmpty();
        assertThat(storage.discarded()).isEmpty();
        storage.deleteOlder();
        storage = reopen(storage);
        assertThat(storage.latest()).isEmpty();
    }

    @Test
    void aSnapshotIsReadAsItWasWritten() throws IOException {
        for (int length : new int[] {0, 1, SnapshotFormat.BLOCK_BYTES - 1, SnapshotFormat.BLOCK_BYTES, 1_000_000}) {
            long index = 100L + length;
            SnapshotDescription description = write(storage, index, length);
            assertThat(description.metadata()).isEqualTo(metadata(index));
            assertThat(storage.latest()).contains(description);
            assertThat(read(storage, description)).isEqualTo(state(index, length));
            storage = reopen(storage);
            assertThat(storage.latest()).contains(description);
            assertThat(read(storage, description)).isEqualTo(state(index, length));
        }
    }

    @Test
    void anyPiecesThatAreWrittenGiveTheSameBytes() throws IOException {
        byte[] state = state(7, 300_000);
        SnapshotDescription whole = write(storage, 7, state.length);
        SnapshotStorage other = create();
        try (Writing writing = other.write(metadata(7))) {
            int at = 0;
            for (int step = 1; at < state.length; step = step * 3 % 50_021) {
                int count = Math.min(step, state.length - at);
                if (count == 1) {
                    writing.output().write(state[at]);
                } else {
                    writing.output().write(state, at, count);
                }
                at += count;
            }
            assertThat(writing.publish()).isEqualTo(whole);
        }
        assertThat(bytes(other, whole)).isEqualTo(bytes(storage, whole));
        other.close();
    }

    @Test
    void whatIsNotPublishedIsNotThere() throws IOException {
        SnapshotDescription first = write(storage, 10, 1000);
        try (Writing writing = storage.write(metadata(20))) {
            writing.output().write(state(20, 200_000));
        }
        assertThat(storage.latest()).contains(first);
        storage = reopen(storage);
        assertThat(storage.latest()).contains(first);
    }

    @Test
    @Tag("case-53")
    void anOlderSnapshotDoesNotTakeTheLatestsPlace() throws IOException {
        try (Writing slow = storage.write(metadata(10))) {
            slow.output().write(state(10, 1000));
            SnapshotDescription newer = write(storage, 20, 1000);
            assertThat(slow.publish()).isEqualTo(newer);
            assertThat(storage.latest()).contains(newer);
        }
    }

    @Test
    @Tag("case-53")
    void snapshotsInQuickSuccessionLeaveTheLatest() throws IOException {
        SnapshotDescription latest = write(storage, 1, 100);
        try (Source source = storage.open(latest).orElseThrow()) {
            for (int index = 2; index < 10; index++) {
                latest = write(storage, index, 100);
                storage.deleteOlder();
                assertThat(storage.latest()).contains(latest);
            }
            assertThat(source.read(0, 10_000))
                    .hasSize((int) source.description().sizeBytes());
        }
        assertThat(read(storage, latest)).isEqualTo(state(9, 100));
        storage = reopen(storage);
        assertThat(storage.latest()).contains(latest);
    }

    @Test
    void olderSnapshotsAreThereUntilTheyAreDeleted() throws IOException {
        SnapshotDescription older = write(storage, 10, 1000);
        SnapshotDescription newer = write(storage, 20, 1000);
        assertThat(read(storage, older)).isEqualTo(state(10, 1000));
        storage.deleteOlder();
        assertThat(storage.open(older)).isEmpty();
        assertThatThrownBy(() -> storage.read(older)).isInstanceOf(IOException.class);
        assertThat(read(storage, newer)).isEqualTo(state(20, 1000));
    }

    @Test
    @Tag("case-32")
    void aDiscardedSnapshotMakesRoomForAnOlderOneAndIsNamed() throws IOException {
        SnapshotDescription older = write(storage, 10, 1000);
        SnapshotDescription newer = write(storage, 20, 1000);
        storage.discard(newer);
        assertThat(storage.latest()).contains(older);
        assertThat(storage.open(newer)).isEmpty();
        assertThat(storage.discarded()).hasSize(1);
        storage = reopen(storage);
        assertThat(storage.latest()).contains(older);
        assertThat(storage.discarded()).hasSize(1);
        assertThat(write(storage, 20, 1000)).isEqualTo(newer);
        assertThat(read(storage, newer)).isEqualTo(state(20, 1000));
        storage.discard(newer);
        storage.discard(newer);
        assertThat(storage.discarded()).hasSize(2);
    }

    @Test
    void partsAreReadFromAnywhere() throws IOException {
        SnapshotDescription description = write(storage, 5, 200_000);
        byte[] all = bytes(storage, description);
        Random random = new Random(1);
        try (Source source = storage.open(description).orElseThrow()) {
            for (int i = 0; i < 50; i++) {
                int from = random.nextInt(all.length);
                int length = 1 + random.nextInt(70_000);
                assertThat(source.read(from, length))
                        .isEqualTo(Arrays.copyOfRange(all, from, Math.min(all.length, from + length)));
            }
            assertThat(source.read(all.length, 10)).isEmpty();
        }
    }

    @Test
    @Tag("case-50")
    void aSnapshotIsReceivedInParts() throws IOException {
        SnapshotDescription description = write(storage, 5, 200_000);
        byte[] all = bytes(storage, description);
        SnapshotStorage follower = create();
        write(follower, 2, 10);
        try (Receiving receiving = follower.receive(description)) {
            assertThat(receiving.nextOffset()).isZero();
            store(receiving, all, all.length);
            assertThat(follower.latest().orElseThrow().metadata().index()).isEqualTo(2);
            assertThat(receiving.publish()).isTrue();
        }
        assertThat(follower.latest()).contains(description);
        assertThat(read(follower, description)).isEqualTo(state(5, 200_000));
        try (Receiving again = follower.receive(description)) {
            assertThat(again.nextOffset()).isEqualTo(all.length);
            assertThat(again.publish()).isTrue();
        }
        follower = reopen(follower);
        assertThat(bytes(follower, description)).isEqualTo(all);
        follower.close();
    }

    @Test
    @Tag("case-50")
    void receivingIsResumedAndOnlyForTheSameSnapshot() throws IOException {
        SnapshotDescription description = write(storage, 5, 500_000);
        byte[] all = bytes(storage, description);
        SnapshotDescription other = write(storage, 6, 300_000);
        byte[] otherBytes = bytes(storage, other);
        SnapshotStorage follower = create();
        try (Receiving receiving = follower.receive(description)) {
            store(receiving, all, 400_000);
        }
        try (Receiving receiving = follower.receive(description)) {
            assertThat(receiving.nextOffset()).isEqualTo(400_000);
        }
        follower = reopen(follower);
        try (Receiving receiving = follower.receive(description)) {
            assertThat(receiving.nextOffset()).isBetween(400_000L - SnapshotFormat.BLOCK_BYTES - 8, 400_000L);
        }
        try (Receiving receiving = follower.receive(other)) {
            assertThat(receiving.nextOffset()).isZero();
            store(receiving, otherBytes, 100_000);
        }
        follower = reopen(follower);
        try (Receiving receiving = follower.receive(description)) {
            assertThat(receiving.nextOffset()).isZero();
            store(receiving, all, all.length);
            assertThat(receiving.publish()).isTrue();
        }
        assertThat(follower.latest()).contains(description);
        assertThat(read(follower, description)).isEqualTo(state(5, 500_000));
        follower.close();
    }

    @Test
    @Tag("case-50")
    void whatIsNotWhatWasAnnouncedIsThrownAway() throws IOException {
        SnapshotDescription description = write(storage, 5, 200_000);
        byte[] all = bytes(storage, description);
        SnapshotStorage follower = create();
        Random random = new Random(1);
        try (Receiving receiving = follower.receive(description)) {
            for (int i = 0; i < 30; i++) {
                byte[] wrong = all.clone();
                wrong[random.nextInt(all.length)] ^= (byte) (1 << random.nextInt(8));
                store(receiving, wrong, all.length);
                assertThat(receiving.publish()).isFalse();
                assertThat(receiving.nextOffset()).isZero();
                assertThat(follower.latest()).isEmpty();
            }
            store(receiving, all, all.length);
            assertThat(receiving.publish()).isTrue();
        }
        assertThat(follower.latest()).contains(description);
        follower.close();
    }

    @Test
    @Tag("case-50")
    void nothingIsPublishedBeforeItIsWholeNorStoredBehindItsEnd() throws IOException {
        SnapshotDescription description = write(storage, 5, 2_000);
        byte[] all = bytes(storage, description);
        SnapshotStorage follower = create();
        try (Receiving receiving = follower.receive(description)) {
            store(receiving, all, all.length - 1);
            assertThatThrownBy(receiving::publish).isInstanceOf(InvariantViolation.class);
            assertThatThrownBy(() -> receiving.store(new byte[2])).isInstanceOf(InvariantViolation.class);
            store(receiving, all, all.length);
            assertThat(receiving.publish()).isTrue();
        }
        follower.close();
    }
}
