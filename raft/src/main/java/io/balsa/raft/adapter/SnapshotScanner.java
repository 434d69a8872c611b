package io.balsa.raft.adapter;

import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.core.SnapshotMetadata;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** Walks through the bytes of a snapshot from its beginning, and checks each part before it gives it out. */
final class SnapshotScanner {
    private final InputStream source;
    private final SnapshotChecksum checksum = new SnapshotChecksum();
    private final byte[] block = new byte[SnapshotFormat.BLOCK_BYTES];
    private SnapshotMetadata metadata;
    private long position;
    private long blocks;
    private long dataBytes;
    private boolean sawLastBlock;
    private SnapshotDescription description;

    /**
     * @param source of the snapshot's bytes, from the first
     */
    SnapshotScanner(InputStream source) {
        this.source = source;
    }

    /** Where the last part ends that was found right: the header, a block, or the trailer. */
    long position() {
        return position;
    }

    /** What the whole snapshot proved to be, once {@link #nextBlock} has returned null. */
    SnapshotDescription description() {
        return description;
    }

    /** Reads the header. Called first, and once. */
    SnapshotMetadata header() throws IOException, DamagedRecordException {
        byte[] start = read(SnapshotFormat.HEADER_START_BYTES, "its header");
        int length = SnapshotFormat.headerLength(start);
        byte[] rest = read(length - start.length, "its header");
        byte[] header = ByteBuffer.allocate(length).put(start).put(rest).array();
        metadata = SnapshotFormat.decodeHeader(header);
        checksum.update(header, 0, length);
        position = length;
        return metadata;
    }

    /**
     * Reads the next block.
     *
     * @return its data, until the next call; null at the end, when the trailer was found right, too
     */
    ByteBuffer nextBlock() throws IOException, DamagedRecordException {
        byte[] lengthBytes = read(4, "block " + blocks);
        int length = ByteBuffer.wrap(lengthBytes).getInt();
        if (length == 0) {
            readTrailer();
            return null;
        }
        if (length < 0 || length > block.length || sawLastBlock) {
            throw new DamagedRecordException("the length of block " + blocks + " is not plausible: " + length);
        }
        if (source.readNBytes(block, 0, length) < length) {
            throw endsIn("block " + blocks);
        }
        byte[] crc = read(SnapshotFormat.CRC_BYTES, "block " + blocks);
        if (ByteBuffer.wrap(crc).getInt() != SnapshotFormat.blockCrc(blocks, block, length)) {
            throw new DamagedRecordException("the checksum of block " + blocks + " does not match");
        }
        checksum.update(lengthBytes, 0, lengthBytes.length);
        checksum.update(block, 0, length);
        checksum.update(crc, 0, crc.length);
        sawLastBlock = length < block.length;
        blocks++;
        dataBytes += length;
        position += 4 + length + SnapshotFormat.CRC_BYTES;
        return ByteBuffer.wrap(block, 0, length);
    }

    /** Reads all blocks that are left, and the trailer. */
    void skipBlocks() throws IOException, DamagedRecordException {
        ByteBuffer next = nextBlock();
        while (next != null) {
            next = nextBlock();
        }
    }

    private void readTrailer() throws IOException, DamagedRecordException {
        byte[] rest = read(SnapshotFormat.TRAILER_BYTES - 4, "its trailer");
        byte[] bytes = ByteBuffer.allocate(SnapshotFormat.TRAILER_BYTES)
                .putInt(0)
                .put(rest)
                .array();
        SnapshotFormat.Trailer trailer = SnapshotFormat.decodeTrailer(bytes);
        if (!trailer.equals(new SnapshotFormat.Trailer(blocks, dataBytes, checksum.value()))) {
            throw new DamagedRecordException("its trailer does not fit what is before it");
        }
        if (source.read() >= 0) {
            throw new DamagedRecordException("there is more behind its trailer");
        }
        position += SnapshotFormat.TRAILER_BYTES;
        description = new SnapshotDescription(metadata, position, trailer.checksum());
    }

    private byte[] read(int length, String part) throws IOException, DamagedRecordException {
        byte[] bytes = source.readNBytes(length);
        if (bytes.length < length) {
            throw endsIn(part);
        }
        return bytes;
    }

    private static DamagedRecordException endsIn(String part) {
        return new DamagedRecordException("it ends in " + part);
    }
}
