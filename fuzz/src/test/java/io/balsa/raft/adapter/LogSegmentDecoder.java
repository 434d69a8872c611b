package io.balsa.raft.adapter;

import io.balsa.fuzz.Check;
import io.balsa.fuzz.Choices;
import io.balsa.fuzz.Decoder;
import io.balsa.raft.core.EntryType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Segments of the log: the scan ends, with each record where it lies, or says that something is damaged; and so does the
 * search for what proves that something is missing.
 */
public final class LogSegmentDecoder implements Decoder {
    private static final int LENGTH_MASK = 0x3FFF_FFFF;

    private final ScratchFile scratch = new ScratchFile();

    @Override
    public void decode(byte[] input) throws IOException {
        Choices choices = new Choices(input);
        boolean seal = choices.flip();
        byte[] segment = choices.rest();
        if (seal) {
            seal(ByteBuffer.wrap(segment));
        }
        Path file = scratch.with(segment);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            scan(new SegmentScanner(channel, LogRecordDecoder.SALT), segment.length);
        }
        long missing = 3;
        DurabilityProof.search(new TreeMap<>(Map.of(1, file)), 1, 0, missing, LogRecordDecoder.SALT)
                .ifPresent(proof -> {
                    Check.that(proof.number() > missing, "a record proves something about earlier ones");
                    Check.that(
                            proof.position() + LogRecord.HEADER_BYTES + SegmentScanner.EXCERPT_HEADER_BYTES
                                    <= segment.length,
                            "what proves something lies within the file");
                });
    }

    private static void scan(SegmentScanner scanner, int size) throws IOException {
        long end = 0;
        try {
            for (SegmentScanner.Scanned scanned = scanner.next(); scanned != null; scanned = scanner.next()) {
                Check.that(scanned.position() >= end, "records do not overlap");
                Check.that(scanned.entries().size() == scanned.header().count(), "a record has all its entries");
                Check.that(scanner.position() > end && scanner.position() <= size, "the scan goes on, within the file");
                end = scanner.position();
            }
        } catch (DamagedRecordException damaged) {
            Check.that(scanner.examined() <= size, "what is damaged lies within the file");
        }
    }

    private static void seal(ByteBuffer segment) {
        int at = 0;
        while (at + SegmentScanner.EXCERPT_HEADER_BYTES <= segment.capacity()) {
            int length = segment.order(ByteOrder.nativeOrder()).getInt(at) & LENGTH_MASK;
            int start = at + SegmentScanner.EXCERPT_HEADER_BYTES;
            if (length > segment.capacity() - start) {
                return;
            }
            Checksums.sealRecord(segment.order(ByteOrder.BIG_ENDIAN), start, start + length);
            at = (start + length + 3) & -4;
        }
    }

    @Override
    public List<byte[]> seeds() {
        byte[] record = LogRecordDecoder.record(7, EntryType.COMMAND);
        ByteBuffer segment =
                ByteBuffer.allocate(1 + 2 * (4 + record.length) + 16).order(ByteOrder.nativeOrder());
        segment.put((byte) 1).putInt(0x4000_0004).putInt(0);
        segment.putInt(record.length).put(record).putInt(record.length).put(record);
        return List.of(segment.array(), new byte[] {0});
    }

    @Override
    public long fixedBytes() {
        return 4L << 20;
    }
}
