package io.balsa.raft.adapter;

import io.balsa.raft.port.StorageException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.zip.CRC32C;

/**
 * Remembers, on disk, where the log begins and how far it was synced. The one tells a segment that was deleted because a
 * snapshot took its place from one that is missing; the other is the line between a torn tail, which may be cut, and a
 * damaged record that may have been acknowledged, which must not.
 *
 * <p>The file has two pages, written in turns, so that a power cut in the middle of a write leaves the mark before it,
 * which is still true: the sync that was to move it had not returned. Each page holds its mark twice, so that one flipped
 * bit does not pass for such a torn write and pull the line back.
 *
 * <p>Moving the mark costs a sync of its own, so it is not moved by each sync of the log. Records say how far the log was
 * durable when they were written ({@link LogRecord}), and stand in for the mark where it lags: see {@link SyncedTail}.
 *
 * <p>It also keeps the log's salt, which only this file knows.
 */
final class DurableMark implements AutoCloseable {
    static final short VERSION = 3;
    static final int PAGE_BYTES = 4096;

    /** In the first version, a log always began at 1. */
    private static final short VERSION_WITHOUT_BASE = 1;

    private static final short VERSION_WITHOUT_SALT = 2;
    private static final int NO_SALT = 0;

    private static final int MAGIC = 0x424D_524B; // "BMRK"
    private static final int COPY_BYTES = 64;
    private static final int COPY_DISTANCE = PAGE_BYTES / 2;
    private static final int PAGES = 2;
    private static final SecureRandom SALTS = new SecureRandom();

    private final Path file;
    private final FileChannel channel;
    private final Syncer syncer;
    private final ByteBuffer page = ByteBuffer.allocateDirect(PAGE_BYTES);
    private Mark mark;

    private DurableMark(Path file, FileChannel channel, Syncer syncer, Mark mark) {
        this.file = file;
        this.channel = channel;
        this.syncer = syncer;
        this.mark = mark;
    }

    /**
     * Where a log begins. Segments below the first are none of it, whether they are still there or not.
     *
     * @param segment the number of the first segment
     * @param recordsBefore the number of the last record before that segment
     * @param firstIndex the index of the first entry in that segment
     */
    record Base(int segment, long recordsBefore, long firstIndex) {
        /** Of a log from which nothing was dropped yet. */
        static final Base NEW = new Base(1, 0, 1);
    }

    /**
     * A place in the log up to which everything is durable.
     *
     * @param turn how often the mark was moved
     * @param base where the log begins
     * @param segment the segment of the last durable record; below the first segment when there is none
     * @param position the end of that record in the segment
     * @param number the number of that record
     * @param salt of the log; 0 in one that has no records with a salt
     */
    record Mark(long turn, Base base, int segment, long position, long number, int salt) {
        /** Whether a place lies before this one, so that what was there is known to have been durable. */
        boolean covers(int otherSegment, long otherPosition) {
            return otherSegment < segment || (otherSegment == segment && otherPosition < position);
        }
    }

    /** Makes the file of a log that has no records yet. */
    static void create(Path file, Syncer syncer) throws IOException {
        ByteBuffer pages = ByteBuffer.allocate(PAGES * PAGE_BYTES);
        int salt = newSalt();
        for (int turn = 0; turn < PAGES; turn++) {
            fill(pages.slice(turn * PAGE_BYTES, PAGE_BYTES), new Mark(turn, Base.NEW, 0, 0, 0, salt));
        }
        DurableFiles.replace(file, pages.array(), syncer);
    }

    /** Opens the file and reads the mark. */
    static DurableMark open(Path file, Syncer syncer) {
        checkExists(file);
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            return new DurableMark(file, channel, syncer, read(file, channel));
        } catch (IOException | StorageException e) {
            closeAfter(channel, e);
            throw unreadable(file, e);
        }
    }

    /** Reads the mark of a log that somebody else may have open, and leaves the file alone. */
    static Mark peek(Path file) {
        checkExists(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return read(file, channel);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static StorageException unreadable(Path file, Exception cause) {
        return cause instanceof StorageException damaged
                ? damaged
                : new StorageException("cannot read " + file + ": " + cause.getMessage(), cause);
    }

    private static void checkExists(Path file) {
        if (!Files.exists(file)) {
            throw new StorageException(
                    "the log has lost " + file
                            + ", which says how much of it was acknowledged; without it a damaged log can't be told from a torn one");
        }
    }

    private static void closeAfter(FileChannel channel, Exception failure) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
    }

    private static Mark read(Path file, FileChannel channel) throws IOException {
        ByteBuffer pages = ByteBuffer.allocate(PAGES * PAGE_BYTES);
        while (pages.hasRemaining()) {
            if (channel.read(pages, pages.position()) < 0) {
                throw new EOFException("the file ends at " + pages.position() + " of " + pages.capacity() + " bytes");
            }
        }
        Mark newest = null;
        for (int offset = 0; offset < pages.capacity(); offset += COPY_DISTANCE) {
            Mark copy = parse(file, pages.slice(offset, COPY_BYTES));
            if (copy != null && (newest == null || copy.turn() > newest.turn())) {
                newest = copy;
            }
        }
        if (newest == null) {
            throw new StorageException(file + " is damaged: none of its copies of the mark has a matching checksum");
        }
        return newest;
    }

    Mark mark() {
        return mark;
    }

    /** Moves the mark, and returns when that is durable. What it covers must be durable already. */
    void move(int segment, long position, long number) throws IOException {
        move(mark.base(), segment, position, number);
    }

    /**
     * Moves the mark and the beginning of the log, and returns when that is durable: from here on, what lies before may be
     * deleted. What the log is to keep must be durable already.
     */
    void move(Base base, int segment, long position, long number) throws IOException {
        write(new Mark(mark.turn() + 1, base, segment, position, number, mark.salt()));
    }

    /** Gives a log of an earlier version a salt, durably. None of its records has one yet. */
    void ensureSalt() throws IOException {
        if (mark.salt() == NO_SALT) {
            write(new Mark(mark.turn() + 1, mark.base(), mark.segment(), mark.position(), mark.number(), newSalt()));
        }
    }

    private static int newSalt() {
        int salt = NO_SALT;
        while (salt == NO_SALT) {
            salt = SALTS.nextInt();
        }
        return salt;
    }

    private void write(Mark moved) throws IOException {
        fill(page.clear(), moved);
        DurableFiles.writeFully(channel, page.rewind(), moved.turn() % PAGES * PAGE_BYTES);
        syncer.force(channel, file);
        mark = moved;
    }

    Path file() {
        return file;
    }

    private static void fill(ByteBuffer page, Mark mark) {
        ByteBuffer copy = ByteBuffer.allocate(COPY_BYTES);
        copy.putInt(MAGIC)
                .putShort(VERSION)
                .putShort((short) 0)
                .putLong(mark.turn())
                .putInt(mark.segment())
                .putLong(mark.position())
                .putLong(mark.number())
                .putInt(mark.base().segment())
                .putLong(mark.base().recordsBefore())
                .putLong(mark.base().firstIndex())
                .putInt(mark.salt());
        copy.putInt(crc(copy.array(), copy.position()));
        page.put(0, copy.array()).put(COPY_DISTANCE, copy.array());
    }

    private static Mark parse(Path file, ByteBuffer copy) {
        byte[] bytes = new byte[COPY_BYTES];
        copy.get(bytes);
        ByteBuffer source = ByteBuffer.wrap(bytes);
        int magic = source.getInt();
        short version = source.getShort();
        source.getShort();
        if (magic != MAGIC) {
            return null;
        }
        long turn = source.getLong();
        int segment = source.getInt();
        long position = source.getLong();
        long number = source.getLong();
        if (version == VERSION_WITHOUT_BASE && source.getInt(source.position()) == crc(bytes, source.position())) {
            return plausible(file, new Mark(turn, Base.NEW, segment, position, number, NO_SALT));
        }
        Base base = new Base(source.getInt(), source.getLong(), source.getLong());
        if (version == VERSION_WITHOUT_SALT && source.getInt(source.position()) == crc(bytes, source.position())) {
            return plausible(file, new Mark(turn, base, segment, position, number, NO_SALT));
        }
        int salt = source.getInt();
        int length = source.position();
        if (source.getInt() != crc(bytes, length)) {
            return null;
        }
        if (version != VERSION) {
            throw new StorageException(file + " has format version " + version + ", this is " + VERSION);
        }
        return plausible(file, new Mark(turn, base, segment, position, number, salt));
    }

    private static Mark plausible(Path file, Mark parsed) {
        Base base = parsed.base();
        if (parsed.turn() < 0
                || parsed.segment() < 0
                || parsed.position() < 0
                || parsed.number() < 0
                || base.segment() < 1
                || base.recordsBefore() < 0
                || base.firstIndex() < 1) {
            throw new StorageException(file + " is damaged: it holds a mark that is not plausible: " + parsed);
        }
        return parsed;
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
