package io.balsa.raft.adapter;

import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Reads records from the segments, from any thread, and checks each. */
final class SegmentReader implements AutoCloseable {
    private final Path directory;
    private final int salt;
    private final ConcurrentMap<Integer, FileChannel> channels = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** @param salt of the log */
    SegmentReader(Path directory, int salt) {
        this.directory = directory;
        this.salt = salt;
    }

    /**
     * Reads the entries of a record.
     *
     * @throws StorageException if they are not what was written there
     */
    List<LogEntry> read(LogIndex.Location location) {
        return read(location, LogRecord::decodeEntries);
    }

    /**
     * Reads one entry of a record, and checks no other.
     *
     * @throws StorageException if it is not what was written there
     */
    LogEntry read(LogIndex.Location location, long index) {
        return read(location, (header, bytes) -> LogRecord.decodeEntry(header, bytes, index));
    }

    /**
     * Reads one entry of a record, and nothing else of it.
     *
     * @throws StorageException if it is not what was written there
     */
    LogEntry read(LogIndex.Part part, long index) {
        LogIndex.Location location = part.location();
        ByteBuffer bytes = ByteBuffer.allocate(part.length());
        try {
            readFully(
                    location.segment(),
                    bytes,
                    (long) location.position()
                            + SegmentScanner.EXCERPT_HEADER_BYTES
                            + LogRecord.HEADER_BYTES
                            + part.offset());
            return LogRecord.decodeEntry(bytes.flip(), index);
        } catch (DamagedRecordException e) {
            throw damaged(location, e.getMessage());
        } catch (IOException e) {
            throw unreadable(location, e);
        }
    }

    /** Makes something of the bytes behind the header of a record. */
    @FunctionalInterface
    private interface Decoder<T> {
        T decode(LogRecord.Header header, ByteBuffer bytes) throws DamagedRecordException;
    }

    private <T> T read(LogIndex.Location location, Decoder<T> decoder) {
        ByteBuffer bytes = ByteBuffer.allocate(SegmentScanner.EXCERPT_HEADER_BYTES + location.length());
        try {
            readFully(location.segment(), bytes, location.position());
            int excerptHeader = bytes.flip().order(ByteOrder.nativeOrder()).getInt();
            LogRecord.Header header = LogRecord.decodeHeader(bytes.order(ByteOrder.BIG_ENDIAN), salt);
            if (excerptHeader != location.length()
                    || header.length() != location.length()
                    || header.firstIndex() != location.firstIndex()) {
                throw new DamagedRecordException("not the record of entry " + location.firstIndex() + " of "
                        + location.length() + " bytes, but " + header);
            }
            return decoder.decode(header, bytes);
        } catch (DamagedRecordException e) {
            throw damaged(location, e.getMessage());
        } catch (IOException e) {
            throw unreadable(location, e);
        }
    }

    private StorageException unreadable(LogIndex.Location location, IOException e) {
        return new StorageException(
                "cannot read " + file(location.segment()) + " at position " + location.position() + ": "
                        + e.getMessage(),
                e);
    }

    /** Words the finding that a record is not what it was. */
    StorageException damaged(LogIndex.Location location, String what) {
        return new StorageException(
                "damaged log: " + file(location.segment()) + " at position " + location.position() + ": " + what);
    }

    private Path file(int segment) {
        Path active = SegmentFiles.active(directory, segment);
        return Files.exists(active) ? active : SegmentFiles.sealed(directory, segment);
    }

    private void readFully(int segment, ByteBuffer bytes, long position) throws IOException {
        boolean interrupted = false;
        try {
            while (bytes.hasRemaining()) {
                FileChannel channel = channel(segment);
                try {
                    if (channel.read(bytes, position + bytes.position()) < 0) {
                        throw new IOException("the file ends at " + channel.size());
                    }
                } catch (ClosedChannelException e) {
                    // An interrupt of any reader closes the channel for all of them, who then open it anew.
                    interrupted |= Thread.interrupted();
                    channels.remove(segment, channel);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private FileChannel channel(int segment) throws IOException {
        FileChannel channel = channels.get(segment);
        if (channel != null) {
            return channel;
        }
        FileChannel opened = FileChannel.open(file(segment), StandardOpenOption.READ);
        FileChannel other = channels.putIfAbsent(segment, opened);
        if (other != null) {
            opened.close();
            return other;
        }
        if (closed) {
            channels.remove(segment, opened);
            opened.close();
            throw new IOException("the log is closed");
        }
        return opened;
    }

    /** Lets go of the files of deleted segments. */
    void forgetBelow(int segment) throws IOException {
        for (Integer open : channels.keySet()) {
            FileChannel channel = open < segment ? channels.remove(open) : null;
            if (channel != null) {
                channel.close();
            }
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        for (FileChannel channel : channels.values()) {
            channel.close();
        }
    }
}
