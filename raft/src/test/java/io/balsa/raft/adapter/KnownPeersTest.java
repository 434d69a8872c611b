package io.balsa.raft.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.adapter.KnownPeers.Verdict;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownPeersTest {
    private static final NodeId B = NodeId.of("b");
    private static final byte[] STORE = NodeIdentity.randomId();
    private static final byte[] OTHER_STORE = NodeIdentity.randomId();

    @TempDir
    Path temporary;

    private Path file() {
        return temporary.resolve("known-peers");
    }

    @Test
    @Tag("case-38")
    @Tag("case-91")
    void theFirstDirectoryUnderANameIsTheOneForEver() {
        assertThat(KnownPeers.open(file()).meet(B, STORE)).isEqualTo(Verdict.KNOWN);
        KnownPeers again = KnownPeers.open(file());
        assertThat(again.meet(B, OTHER_STORE)).isEqualTo(Verdict.OTHER_DIRECTORY);
        assertThat(again.meet(B, STORE)).isEqualTo(Verdict.KNOWN);
        assertThat(again.meet(NodeId.of("c"), OTHER_STORE)).isEqualTo(Verdict.KNOWN);
        assertThat(KnownPeers.open(file()).meet(NodeId.of("c"), STORE)).isEqualTo(Verdict.OTHER_DIRECTORY);
    }

    @Test
    void manyStrangersDoNotFillTheDisk() {
        KnownPeers known = KnownPeers.inMemory();
        for (int i = 0; i < 1024; i++) {
            assertThat(known.meet(NodeId.of("x" + i), STORE)).isEqualTo(Verdict.KNOWN);
        }
        assertThat(known.meet(B, STORE)).isEqualTo(Verdict.TOO_MANY);
        assertThat(known.meet(NodeId.of("x7"), STORE)).isEqualTo(Verdict.KNOWN);
    }

    @Test
    void everyFlippedBitIsRefused() throws IOException {
        KnownPeers.open(file()).meet(B, STORE);
        byte[] content = Files.readAllBytes(file());
        for (int bit = 0; bit < content.length * 8; bit++) {
            byte[] flipped = content.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            Files.write(file(), flipped);
            assertThatThrownBy(() -> KnownPeers.open(file()))
                    .as("bit %d", bit)
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining(file().toString());
        }
    }

    @Test
    void whatCannotBeWrittenIsRememberedAllTheSame() {
        Syncer failing = (channel, file) -> {
            throw new IOException("Input/output error");
        };
        KnownPeers known = KnownPeers.open(file(), failing);
        assertThat(known.meet(B, STORE)).isEqualTo(Verdict.KNOWN);
        assertThat(known.meet(B, OTHER_STORE)).isEqualTo(Verdict.OTHER_DIRECTORY);
    }
}
