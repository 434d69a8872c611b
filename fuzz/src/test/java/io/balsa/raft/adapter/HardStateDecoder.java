package io.balsa.raft.adapter;

import io.balsa.fuzz.Check;
import io.balsa.fuzz.Choices;
import io.balsa.fuzz.Decoder;
import io.balsa.raft.core.HardState;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Term and vote: what is read is what would be written for it; all else refuses to start, and never becomes term 0. */
public final class HardStateDecoder implements Decoder {
    private static final int CRC_BYTES = 4;

    private final ScratchFile scratch = new ScratchFile();

    @Override
    public void decode(byte[] input) throws IOException {
        Choices choices = new Choices(input);
        boolean seal = choices.flip();
        byte[] content = choices.rest();
        if (seal) {
            Checksums.seal(ByteBuffer.wrap(content), 0, content.length - CRC_BYTES);
        }
        Path file = scratch.with(content);
        HardState state;
        try {
            state = FileHardStateStorage.open(file).load();
        } catch (StorageException refused) {
            return;
        }
        Check.same(content, written(file, state), "term and vote");
    }

    private static byte[] written(Path file, HardState state) throws IOException {
        try (FileHardStateStorage storage = FileHardStateStorage.open(file, (channel, path) -> {})) {
            storage.save(state);
            return Files.readAllBytes(file);
        }
    }

    @Override
    public List<byte[]> seeds() {
        try {
            Path file = scratch.with(new byte[0]);
            Files.delete(file);
            FileHardStateStorage.create(file);
            byte[] initial = RawInput.of(Files.readAllBytes(file));
            byte[] voted = RawInput.of(written(file, new HardState(7, Optional.of(NodeId.of("n1")))));
            voted[0] = 1;
            return List.of(initial, voted, new byte[] {0});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
