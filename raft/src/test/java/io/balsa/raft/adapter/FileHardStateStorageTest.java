package io.balsa.raft.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.core.HardState;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.HardStateStorage;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileHardStateStorageTest extends HardStateStorageContract {
    private static final HardState SAVED = new HardState(5, Optional.of(NodeId.of("n2")));

    @TempDir
    Path directory;

    private Path file() {
        return directory.resolve("hard-state");
    }

    @Override
    protected HardStateStorage create() {
        FileHardStateStorage.create(file());
        return FileHardStateStorage.open(file());
    }

    @Override
    protected HardStateStorage reopen(HardStateStorage opened) {
        opened.close();
        return FileHardStateStorage.open(file());
    }

    @Test
    @Tag("case-31")
    void everyFlippedBitIsRefusedAndNothingIsReset() throws IOException {
        storage.save(SAVED);
        byte[] saved = Files.readAllBytes(file());
        for (int bit = 0; bit < saved.length * 8; bit++) {
            byte[] flipped = saved.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            Files.write(file(), flipped);
            assertThatThrownBy(() -> FileHardStateStorage.open(file()))
                    .as("bit %d", bit)
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining(file().toString());
            assertThatThrownBy(() -> storage.load()).isInstanceOf(StorageException.class);
            assertThat(Files.readAllBytes(file())).isEqualTo(flipped);
        }
    }

    @Test
    @Tag("case-31")
    void aFileOfAnyOtherLengthIsRefused() throws IOException {
        storage.save(SAVED);
        byte[] saved = Files.readAllBytes(file());
        for (int length = 0; length < saved.length + 8; length++) {
            if (length != saved.length) {
                Files.write(file(), Arrays.copyOf(saved, length));
                assertThatThrownBy(() -> FileHardStateStorage.open(file()))
                        .as("length %d", length)
                        .isInstanceOf(StorageException.class);
            }
        }
    }

    @Test
    @Tag("case-33")
    void aMissingFileIsAnErrorThatNamesIt() throws IOException {
        Files.delete(file());
        assertThatThrownBy(() -> FileHardStateStorage.open(file()))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(file().toString());
        assertThat(file()).doesNotExist();
    }

    @Test
    @Tag("case-36")
    void aCrashWhileSavingLeavesTheOldStateOrTheNew() throws IOException {
        storage.save(SAVED);
        Path temporary = directory.resolve("hard-state.tmp");
        byte[] next = nextState();
        for (int written = 0; written <= next.length; written++) {
            Files.write(temporary, Arrays.copyOf(next, written));
            assertThat(FileHardStateStorage.open(file()).load()).isEqualTo(SAVED);
        }
        HardState later = new HardState(9, Optional.empty());
        storage.save(later);
        assertThat(FileHardStateStorage.open(file()).load()).isEqualTo(later);
        assertThat(temporary).doesNotExist();
    }

    private byte[] nextState() throws IOException {
        Path other = directory.resolve("other");
        FileHardStateStorage.create(other);
        FileHardStateStorage.open(other).save(new HardState(6, Optional.of(NodeId.of("n3"))));
        return Files.readAllBytes(other);
    }

    @Test
    @Tag("case-3")
    @Tag("case-28")
    void aFailedSyncIsFinalAndLeavesTheStateBefore() {
        storage.save(SAVED);
        boolean[] failing = {true};
        FileHardStateStorage failed = FileHardStateStorage.open(file(), (channel, file) -> {
            if (failing[0]) {
                throw new IOException("Input/output error");
            }
            channel.force(false);
        });
        HardState next = new HardState(6, Optional.empty());
        assertThatThrownBy(() -> failed.save(next))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("Input/output error");
        failing[0] = false;
        assertThatThrownBy(() -> failed.save(next)).isInstanceOf(StorageException.class);
        assertThat(FileHardStateStorage.open(file()).load()).isEqualTo(SAVED);
    }

    @Test
    void aSecondCreateDoesNotTouchWhatIsThere() {
        storage.save(SAVED);
        assertThatThrownBy(() -> FileHardStateStorage.create(file())).isInstanceOf(StorageException.class);
        assertThat(storage.load()).isEqualTo(SAVED);
    }
}
