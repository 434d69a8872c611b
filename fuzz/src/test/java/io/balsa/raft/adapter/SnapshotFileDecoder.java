package io.balsa.raft.adapter;

import io.balsa.fuzz.Check;
import io.balsa.fuzz.Choices;
import io.balsa.fuzz.Decoder;
import io.balsa.raft.core.ConfigurationDecoder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Snapshots as files and on their way: what is found right proves to be what would be written for its state. */
public final class SnapshotFileDecoder implements Decoder {
    private static final int MAX_BLOCKS = 8;

    @Override
    public void decode(byte[] input) throws IOException {
        Choices choices = new Choices(input);
        byte[] bytes = choices.flip() ? sealed(choices) : choices.rest();
        SnapshotScanner scanner = new SnapshotScanner(new ByteArrayInputStream(bytes));
        ByteArrayOutputStream again = new ByteArrayOutputStream();
        try {
            SnapshotEncoder encoder = new SnapshotEncoder(scanner.header(), again);
            for (ByteBuffer block = scanner.nextBlock(); block != null; block = scanner.nextBlock()) {
                byte[] data = new byte[block.remaining()];
                block.get(data);
                encoder.write(data, 0, data.length);
            }
            Check.that(encoder.finish().equals(scanner.description()), "another description for the same snapshot");
        } catch (DamagedRecordException refused) {
            Check.that(scanner.position() <= bytes.length, "what was found right lies within the snapshot");
            return;
        }
        Check.that(scanner.position() == bytes.length, "the whole snapshot was looked at");
        if (isCanonical(scanner, bytes)) {
            Check.same(bytes, again.toByteArray(), "a snapshot");
        }
    }

    /** Whether the configuration in the header has the form in which it would be written. */
    private static boolean isCanonical(SnapshotScanner scanner, byte[] bytes) {
        byte[] header = SnapshotFormat.encodeHeader(scanner.description().metadata());
        return ByteBuffer.wrap(bytes, 0, Math.min(header.length, bytes.length)).equals(ByteBuffer.wrap(header));
    }

    /** One whose checksums are right, whatever it holds. */
    private static byte[] sealed(Choices choices) {
        List<byte[]> configurations = ConfigurationDecoder.configurations();
        byte[] configuration = choices.below(4) == 0
                ? choices.bytes(choices.below(64))
                : configurations.get(choices.below(configurations.size()));
        byte[] known = SnapshotFormatSamples.HEADER;
        ByteBuffer target = ByteBuffer.allocate(SnapshotFormat.BLOCK_BYTES);
        target.put(known, 0, 8)
                .putLong(choices.number())
                .putLong(choices.number())
                .putLong(choices.number())
                .putInt(configuration.length)
                .put(configuration)
                .putInt(0);
        Checksums.seal(target, 0, target.position() - SnapshotFormat.CRC_BYTES);
        SnapshotChecksum checksum = new SnapshotChecksum();
        long dataBytes = 0;
        int blocks = choices.below(MAX_BLOCKS);
        for (int i = 0; i < blocks; i++) {
            byte[] data = choices.bytes(choices.below(64));
            dataBytes += data.length;
            target.putInt(data.length).put(data).putInt(SnapshotFormat.blockCrc(i, data, data.length));
        }
        checksum.update(target.array(), 0, target.position());
        target.put(SnapshotFormat.encodeTrailer(new SnapshotFormat.Trailer(
                choices.below(16) == 0 ? choices.number() : blocks, dataBytes, checksum.value())));
        byte[] snapshot = new byte[target.position()];
        target.get(0, snapshot);
        return snapshot;
    }

    @Override
    public List<byte[]> seeds() throws IOException {
        byte[] filled = new byte[200];
        filled[0] = 1;
        return List.of(
                RawInput.of(SnapshotFormatSamples.small()), filled, new byte[] {1, 1, 0, 1, 1, 1, 1, 3, 5, 6, 7});
    }

    @Override
    public long fixedBytes() {
        return 4L << 20;
    }
}
