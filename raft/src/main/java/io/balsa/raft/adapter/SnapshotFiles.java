package io.balsa.raft.adapter;

import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.core.SnapshotMetadata;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Names the files of a directory of snapshots, and reads what they say of themselves.
 *
 * <p>A whole snapshot is {@code <index>-<term>.snapshot}, one that is being written {@code .writing}, one that was found
 * damaged {@code .damaged-<n>}. What is received of another server's lies in {@code incoming.part}, and what it is part of
 * in {@code incoming.description}.
 */
final class SnapshotFiles {
    static final String SUFFIX = ".snapshot";
    static final String WRITING_SUFFIX = ".writing";
    static final String DAMAGED_INFIX = ".damaged-";
    static final String INCOMING_PART = "incoming.part";
    static final String INCOMING_DESCRIPTION = "incoming.description";

    private SnapshotFiles() {}

    static Path published(Path directory, SnapshotMetadata metadata) {
        return directory.resolve("%020d-%d%s".formatted(metadata.index(), metadata.term(), SUFFIX));
    }

    static Path writing(Path directory, SnapshotMetadata metadata) {
        return published(directory, metadata)
                .resolveSibling(published(directory, metadata).getFileName() + WRITING_SUFFIX);
    }

    /** A name for a damaged file that is not taken. */
    static Path damaged(Path file) {
        int number = 1;
        Path damaged = file.resolveSibling(file.getFileName() + DAMAGED_INFIX + number);
        while (Files.exists(damaged)) {
            number++;
            damaged = file.resolveSibling(file.getFileName() + DAMAGED_INFIX + number);
        }
        return damaged;
    }

    /** The files whose names match, in the order of their names. */
    static List<Path> list(Path directory, String glob) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, glob)) {
            files.forEach(found::add);
        }
        Collections.sort(found);
        return found;
    }

    /**
     * Reads what a file says of itself, from its header and trailer; what is between is not looked at.
     *
     * @throws DamagedRecordException if it is not the snapshot that its name says, or not as long
     */
    static SnapshotDescription describe(Path file) throws IOException, DamagedRecordException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            byte[] start = read(channel, 0, SnapshotFormat.HEADER_START_BYTES);
            int headerLength = SnapshotFormat.headerLength(start);
            SnapshotMetadata metadata = SnapshotFormat.decodeHeader(read(channel, 0, headerLength));
            if (!published(file.getParent(), metadata).getFileName().equals(file.getFileName())) {
                throw new DamagedRecordException(
                        "it holds the snapshot of index " + metadata.index() + " and term " + metadata.term());
            }
            SnapshotFormat.Trailer trailer = SnapshotFormat.decodeTrailer(
                    read(channel, channel.size() - SnapshotFormat.TRAILER_BYTES, SnapshotFormat.TRAILER_BYTES));
            long size = SnapshotFormat.sizeOf(headerLength, trailer);
            if (size != channel.size()) {
                throw new DamagedRecordException("it has " + channel.size() + " bytes instead of " + size);
            }
            return new SnapshotDescription(metadata, size, trailer.checksum());
        }
    }

    private static byte[] read(FileChannel channel, long position, int length)
            throws IOException, DamagedRecordException {
        if (position < 0 || channel.size() < position + length) {
            throw new DamagedRecordException("it has only " + channel.size() + " bytes");
        }
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, position + bytes.position()) < 0) {
                throw new DamagedRecordException("it ends at " + (position + bytes.position()));
            }
        }
        return bytes.array();
    }
}
