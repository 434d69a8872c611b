package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.SnapshotStorageContract.bytes;
import static io.balsa.raft.adapter.SnapshotStorageContract.metadata;
import static io.balsa.raft.adapter.SnapshotStorageContract.read;
import static io.balsa.raft.adapter.SnapshotStorageContract.state;
import static io.balsa.raft.adapter.SnapshotStorageContract.store;
import static io.balsa.raft.adapter.SnapshotStorageContract.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.port.DiskFullException;
import io.balsa.raft.port.SnapshotDamagedException;
import io.balsa.raft.port.SnapshotStorage;
import io.balsa.raft.port.SnapshotStorage.Receiving;
import io.balsa.raft.port.SnapshotStorage.Source;
import io.balsa.raft.port.SnapshotStorage.Writing;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots on a disk that fails, is full, flips bits or loses power: each is there wholly, or named, or not there. */
class FileSnapshotFaultTest {
    private static final int STATE_BYTES = 300_000;
    private static final int SECTOR_BYTES = 512;

    @TempDir
    Path temporary;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private SnapshotDescription offered;
    private byte[] offeredBytes;

    private Path directory() {
        return temporary.resolve("snapshots");
    }

    /** What another server has to offer. */
    @BeforeEach
    void makeOffer() throws IOException {
        try (SnapshotStorage leader = new MemorySnapshotStorage()) {
            offered = write(leader, 20, STATE_BYTES);
            offeredBytes = bytes(leader, offered);
        }
    }

    private void receiveOffer(SnapshotStorage storage) {
        try (Receiving receiving = storage.receive(offered)) {
            store(receiving, offeredBytes, offeredBytes.length);
            assertThat(receiving.publish()).isTrue();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Remembers of each file what was synced, and leaves images of what a power cut at each sync would. */
    private final class PowerCuts implements Syncer {
        private final Map<Object, byte[]> durable = new HashMap<>();
        private final List<Path> images = new ArrayList<>();

        @Override
        public void force(FileChannel channel, Path file) throws IOException {
            cut();
            Syncer.DISK.force(channel, file);
            durable.put(key(file), Files.readAllBytes(file));
            cut();
        }

        void cut() throws IOException {
            Path image = Files.createTempDirectory(temporary, "image-");
            images.add(image);
            for (Path file : SnapshotFiles.list(directory(), "*")) {
                byte[] now = Files.readAllBytes(file);
                byte[] kept = Arrays.copyOf(durable.getOrDefault(key(file), new byte[0]), now.length);
                double written = random.nextInt(3) / 2.0;
                for (int sector = 0; sector < now.length; sector += SECTOR_BYTES) {
                    if (random.nextDouble() < written) {
                        System.arraycopy(now, sector, kept, sector, Math.min(SECTOR_BYTES, now.length - sector));
                    }
                }
                Files.write(image.resolve(file.getFileName()), kept);
            }
        }

        private static Object key(Path file) throws IOException {
            return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        }
    }

    private void checkImages(PowerCuts cuts, SnapshotDescription before, SnapshotDescription after) throws IOException {
        cuts.cut();
        assertThat(cuts.images).hasSizeGreaterThan(2);
        for (Path image : cuts.images) {
            try (SnapshotStorage found = FileSnapshotStorage.open(image)) {
                SnapshotDescription latest = found.latest().orElseThrow();
                assertThat(latest).as("seed %d, %s", seed, image).isIn(before, after);
                assertThat(read(found, latest))
                        .as("seed %d, %s", seed, image)
                        .isEqualTo(state(latest.metadata().index(), STATE_BYTES));
                assertThat(found.discarded()).isEmpty();
                receiveOffer(found);
                assertThat(found.latest()).contains(offered);
            }
        }
        Path last = cuts.images.get(cuts.images.size() - 1);
        try (SnapshotStorage found = FileSnapshotStorage.open(last)) {
            assertThat(found.latest()).contains(after);
        }
    }

    @Test
    @Tag("case-36")
    void aPowerCutWhileASnapshotIsWrittenLeavesTheOldOrTheNew() throws IOException {
        PowerCuts cuts = new PowerCuts();
        try (SnapshotStorage storage = FileSnapshotStorage.open(directory(), cuts)) {
            SnapshotDescription before = write(storage, 10, STATE_BYTES);
            cuts.images.clear();
            SnapshotDescription after = write(storage, 20, STATE_BYTES);
            assertThat(after).isEqualTo(offered);
            checkImages(cuts, before, after);
        }
    }

    @Test
    @Tag("case-36")
    @Tag("case-50")
    void aPowerCutWhileASnapshotIsReceivedLeavesTheOldOrTheNew() throws IOException {
        PowerCuts cuts = new PowerCuts();
        try (SnapshotStorage storage = FileSnapshotStorage.open(directory(), cuts)) {
            SnapshotDescription before = write(storage, 10, STATE_BYTES);
            cuts.images.clear();
            try (Receiving receiving = storage.receive(offered)) {
                store(receiving, offeredBytes, offeredBytes.length / 2);
                cuts.cut();
                store(receiving, offeredBytes, offeredBytes.length);
                assertThat(receiving.publish()).isTrue();
            }
            checkImages(cuts, before, offered);
        }
    }

    @Test
    @Tag("case-28")
    void aFailedSyncLeavesWhatWasThereBefore() throws IOException {
        try (SnapshotStorage storage = FileSnapshotStorage.open(directory())) {
            write(storage, 10, STATE_BYTES);
        }
        Syncer failing = (channel, file) -> {
            throw new IOException("Input/output error");
        };
        try (SnapshotStorage storage = FileSnapshotStorage.open(directory(), failing)) {
            Optional<SnapshotDescription> before = storage.latest();
            try (Writing writing = storage.write(metadata(20))) {
                writing.output().write(state(20, STATE_BYTES));
                assertThatThrownBy(writing::publish)
                        .isInstanceOf(StorageException.class)
                        .isNotInstanceOf(DiskFullException.class)
                        .hasMessageContaining(directory().toString())
                        .hasMessageContaining("Input/output error");
                assertThatThrownBy(writing::publish).isInstanceOf(StorageException.class);
            }
            assertThatThrownBy(() -> storage.receive(offered)).isInstanceOf(StorageException.class);
            assertThat(storage.latest()).isEqualTo(before);
        }
        assertThat(SnapshotFiles.list(directory(), "*.{snapshot,writing}")).hasSize(1);
    }

    @Test
    @Tag("case-28")
    void whatWasReceivedBeforeAFailedSyncIsNotTrusted() throws IOException {
        boolean[] fails = {false};
        Syncer syncer = (channel, file) -> {
            if (fails[0]) {
                throw new IOException("Input/output error");
            }
            channel.force(false);
        };
        try (SnapshotStorage storage = FileSnapshotStorage.open(directory(), syncer)) {
            try (Receiving receiving = storage.receive(offered)) {
                store(receiving, offeredBytes, offeredBytes.length);
                fails[0] = true;
                assertThatThrownBy(receiving::publish).isInstanceOf(StorageException.class);
            }
            fails[0] = false;
            try (Receiving receiving = storage.receive(offered)) {
                assertThat(receiving.nextOffset()).isZero();
            }
            receiveOffer(storage);
        }
    }

    @Test
    @Tag("case-32")
    void anyFlippedBitIsNoticedBeforeItIsServedAndNothingIsDeleted() throws IOException {
        try (SnapshotStorage storage = FileSnapshotStorage.open(directory())) {
            write(storage, 10, 1000);
            write(storage, 20, STATE_BYTES);
        }
        SnapshotDescription older = describe(directory(), 0);
        Path newest = SnapshotFiles.list(directory(), "*.snapshot").get(1);
        byte[] content = Files.readAllBytes(newest);
        for (int flip = 0; flip < 100; flip++) {
            // Header and trailer get more than their share.
            long bits = content.length * 8L;
            long bit = flip % 4 == 0
                    ? random.nextLong(2000)
                    : flip % 4 == 1 ? bits - 1 - random.nextLong(256) : random.nextLong(bits);
            String context = "seed " + seed + ", bit " + bit;
            LogImages.flipBit(newest, bit);
            try (SnapshotStorage storage = FileSnapshotStorage.open(directory())) {
                SnapshotDescription latest = storage.latest().orElseThrow();
                if (latest.equals(offered)) {
                    assertThatThrownBy(() -> read(storage, latest))
                            .as(context)
                            .isInstanceOf(SnapshotDamagedException.class)
                            .hasMessageContaining(newest + " at position ");
                    assertThatThrownBy(() -> readAll(storage, latest))
                            .as(context)
                            .isInstanceOf(SnapshotDamagedException.class)
                            .hasMessageContaining(newest + " at position ");
                    storage.discard(latest);
                }
                assertThat(storage.latest()).as(context).contains(older);
                assertThat(storage.discarded()).as(context).anyMatch(line -> line.contains(newest.toString()));
                receiveOffer(storage);
                assertThat(read(storage, offered)).isEqualTo(state(20, STATE_BYTES));
            }
            assertThat(SnapshotFiles.list(directory(), "*.damaged-*"))
                    .as(context)
                    .hasSize(flip + 1);
        }
    }

    private static SnapshotDescription describe(Path directory, int number) throws IOException {
        try {
            return SnapshotFiles.describe(
                    SnapshotFiles.list(directory, "*.snapshot").get(number));
        } catch (DamagedRecordException e) {
            throw new AssertionError(e);
        }
    }

    private static void readAll(SnapshotStorage storage, SnapshotDescription description) throws IOException {
        try (Source source = storage.open(description).orElseThrow()) {
            for (long at = 0; at < description.sizeBytes(); at += 10_000) {
                source.read(at, 10_000);
            }
        }
    }

    @Test
    @Tag("case-50")
    void receivingGoesOnBeforeWhatWasDamagedInTheMeantime() throws IOException {
        try (SnapshotStorage storage = FileSnapshotStorage.open(directory());
                Receiving receiving = storage.receive(offered)) {
            store(receiving, offeredBytes, 250_000);
        }
        long bit = 8L * 100 + random.nextLong(200_000 * 8L);
        LogImages.flipBit(directory().resolve(SnapshotFiles.INCOMING_PART), bit);
        try (SnapshotStorage storage = FileSnapshotStorage.open(directory())) {
            try (Receiving receiving = storage.receive(offered)) {
                assertThat(receiving.nextOffset())
                        .as("seed %d, bit %d", seed, bit)
                        .isLessThanOrEqualTo(bit / 8);
            }
            receiveOffer(storage);
            assertThat(read(storage, offered)).isEqualTo(state(20, STATE_BYTES));
        }
    }

    /** A directory can be opened like a file and then not read. */
    private static void makeUnreadable(Path file) throws IOException {
        Files.delete(file);
        Files.createDirectory(file);
    }

    @Test
    void whatWasReceivedAndCantBeReadIsReceivedAgainInANewFile() throws IOException {
        Path part = directory().resolve(SnapshotFiles.INCOMING_PART);
        try (SnapshotStorage storage = FileSnapshotStorage.open(directory())) {
            try (Receiving receiving = storage.receive(offered)) {
                store(receiving, offeredBytes, offeredBytes.length);
                makeUnreadable(part);
                assertThat(receiving.publish()).isFalse();
                assertThat(receiving.nextOffset()).isZero();
                store(receiving, offeredBytes, 250_000);
            }
        }
        makeUnreadable(part);
        try (SnapshotStorage storage = FileSnapshotStorage.open(directory())) {
            try (Receiving receiving = storage.receive(offered)) {
                assertThat(receiving.nextOffset()).isZero();
            }
            receiveOffer(storage);
            assertThat(read(storage, offered)).isEqualTo(state(20, STATE_BYTES));
        }
    }

    @Test
    void anOldSnapshotThatCantBeDeletedIsLoggedOnceAndTriedAgain() throws IOException {
        try (SnapshotStorage storage = FileSnapshotStorage.open(directory());
                CapturedWarnings warnings = new CapturedWarnings()) {
            write(storage, 10, 1000);
            Path old = SnapshotFiles.list(directory(), "*.snapshot").get(0);
            Files.delete(old);
            Path obstacle = Files.createDirectories(old.resolve("obstacle"));
            for (int index = 11; index < 14; index++) {
                write(storage, index, 1000);
                storage.deleteOlder();
                assertThat(SnapshotFiles.list(directory(), "*.snapshot")).hasSize(2);
            }
            assertThat(warnings.messages()).hasSize(1).allMatch(line -> line.contains(old.toString()));
            Files.delete(obstacle);
            storage.deleteOlder();
            assertThat(SnapshotFiles.list(directory(), "*.snapshot")).hasSize(1);
        }
    }

    @Test
    void whatAKilledProcessLeftIsRemovedOrResumed() throws IOException {
        FileSnapshotStorage storage = FileSnapshotStorage.open(directory());
        Writing writing = storage.write(metadata(10));
        writing.output().write(state(10, STATE_BYTES));
        Receiving receiving = storage.receive(offered);
        store(receiving, offeredBytes, 150_000);
        try (SnapshotStorage after = FileSnapshotStorage.open(directory())) {
            assertThat(SnapshotFiles.list(directory(), "*.writing")).isEmpty();
            try (Receiving resumed = after.receive(offered)) {
                assertThat(resumed.nextOffset()).isPositive();
            }
            receiveOffer(after);
            assertThat(SnapshotFiles.list(directory(), "*")).hasSize(1);
        }
        receiving.close();
        writing.close();
    }

    @Test
    @Tag("case-34")
    void aFullDiskIsToldApartAndLeavesNoHalfSnapshot() throws Exception {
        Path disk = Files.createDirectory(temporary.resolve("disk"));
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString()) == 0,
                "a small file system to fill can only be mounted by root");
        try {
            Path directory = disk.resolve("snapshots");
            try (SnapshotStorage storage = FileSnapshotStorage.open(directory)) {
                SnapshotDescription before = write(storage, 10, 400_000);
                try (Writing writing = storage.write(metadata(20))) {
                    assertThatThrownBy(() -> writing.output().write(state(20, 2_000_000)))
                            .isInstanceOf(DiskFullException.class)
                            .hasMessageContaining("disk full")
                            .hasMessageContaining(directory.toString());
                }
                assertThat(SnapshotFiles.list(directory, "*")).hasSize(1);
                SnapshotDescription tooLarge = new SnapshotDescription(metadata(30), 5_000_000, 1);
                assertThatThrownBy(() -> storage.receive(tooLarge))
                        .isInstanceOf(DiskFullException.class)
                        .hasMessageContaining("it needs 5000000 bytes");
                try (Receiving receiving = storage.receive(new SnapshotDescription(metadata(30), 500_000, 1))) {
                    Files.write(disk.resolve("filler"), new byte[400_000]);
                    assertThatThrownBy(() -> receiving.store(new byte[400_000])).isInstanceOf(DiskFullException.class);
                }
                Files.delete(disk.resolve("filler"));
                assertThat(SnapshotFiles.list(directory, "*.part")).isEmpty();
                assertThat(storage.latest()).contains(before);
                assertThat(read(storage, before)).isEqualTo(state(10, 400_000));
                receiveOffer(storage);
            }
        } finally {
            assertThat(run("umount", disk.toString())).isZero();
        }
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
    }

    /** Writes, sends, receives and reads a large state within a small heap. */
    static final class LargeState {
        private static final int PART_BYTES = 256 << 10;

        private LargeState() {}

        public static void main(String[] arguments) throws IOException {
            Path directory = Path.of(arguments[0]);
            long bytes = Long.parseLong(arguments[1]);
            try (SnapshotStorage leader = FileSnapshotStorage.open(directory.resolve("leader"));
                    SnapshotStorage follower = FileSnapshotStorage.open(directory.resolve("follower"));
                    Writing writing = leader.write(metadata(20))) {
                byte[] piece = state(1, 1 << 20);
                for (long written = 0; written < bytes; written += piece.length) {
                    writing.output().write(piece);
                }
                SnapshotDescription description = writing.publish();
                try (Source source = leader.open(description).orElseThrow();
                        Receiving receiving = follower.receive(description)) {
                    while (receiving.nextOffset() < description.sizeBytes()) {
                        receiving.store(source.read(receiving.nextOffset(), PART_BYTES));
                    }
                    System.out.println("published " + receiving.publish());
                }
                try (InputStream input = follower.read(description)) {
                    System.out.println("read " + input.transferTo(OutputStream.nullOutputStream()));
                }
            }
        }
    }

    @Test
    @Tag("case-55")
    void aStateFarLargerThanTheHeapIsStreamed() throws Exception {
        long bytes = 1L << 30;
        assumeTrue(
                Files.getFileStore(temporary).getUsableSpace() > 4 * bytes, "there is no room for two large snapshots");
        ChildJvm.Ended ended = ChildJvm.run(List.of(), LargeState.class, temporary.toString(), Long.toString(bytes));
        assertThat(ended.output()).contains("published true", "read " + bytes);
        assertThat(ended.exitCode()).isZero();
    }
}
