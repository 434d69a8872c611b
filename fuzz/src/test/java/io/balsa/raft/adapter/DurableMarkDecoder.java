package io.balsa.raft.adapter;

import io.balsa.fuzz.Check;
import io.balsa.fuzz.Choices;
import io.balsa.fuzz.Decoder;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** The mark of what was synced: what is read can be moved on from, and the mark that was moved is the one found then. */
public final class DurableMarkDecoder implements Decoder {
    private static final int COPIES = 4;
    private static final int COPY_BYTES = 64;
    /** Of each version, from the first. */
    private static final List<Integer> CRC_OFFSETS = List.of(36, 56, 60);

    private static final Syncer NO_SYNC = (channel, file) -> {};

    private final ScratchFile scratch = new ScratchFile();

    @Override
    public void decode(byte[] input) throws IOException {
        Choices choices = new Choices(input);
        boolean seal = choices.flip();
        boolean isWhole = choices.below(8) != 7;
        // Only what is read of it comes from the input: the rest of the pages is nothing.
        ByteBuffer pages = ByteBuffer.allocate(2 * DurableMark.PAGE_BYTES);
        for (int i = 0; i < COPIES; i++) {
            int start = i * DurableMark.PAGE_BYTES / 2;
            pages.put(start, choices.bytes(COPY_BYTES));
            if (seal) {
                int version = Math.min(Math.max(pages.getShort(start + 4), 1), CRC_OFFSETS.size());
                Checksums.seal(pages, start, CRC_OFFSETS.get(version - 1));
            }
        }
        Path file = scratch.with(isWhole ? pages.array() : choices.rest());
        DurableMark.Mark moved;
        try (DurableMark mark = DurableMark.open(file, NO_SYNC)) {
            mark.move(3, 400, mark.mark().number() + 1);
            moved = mark.mark();
        } catch (StorageException refused) {
            return;
        }
        try (DurableMark mark = DurableMark.open(file, NO_SYNC)) {
            Check.that(mark.mark().equals(moved), moved + " became " + mark.mark());
        }
    }

    @Override
    public List<byte[]> seeds() {
        ByteBuffer seed = ByteBuffer.allocate(2 + COPIES * COPY_BYTES);
        seed.put((byte) 1).put((byte) 0);
        for (int i = 0; i < COPIES; i++) {
            seed.position(2 + i * COPY_BYTES);
            seed.putInt(0x424D_524B)
                    .putShort(DurableMark.VERSION)
                    .putShort((short) 0)
                    .putLong(4 + i / 2)
                    .putInt(1)
                    .putLong(100)
                    .putLong(9)
                    .putInt(1)
                    .putLong(0)
                    .putLong(1)
                    .putInt(4711);
        }
        byte[] torn = seed.array().clone();
        torn[10] = 1;
        return List.of(seed.array(), torn, new byte[] {0, 7});
    }
}
