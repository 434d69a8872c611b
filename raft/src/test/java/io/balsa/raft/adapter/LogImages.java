package io.balsa.raft.adapter;

import io.balsa.raft.core.LogEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32C;

/**
 * Remembers what of a log's files is durable, so that a test can see what a power cut at any moment would leave.
 *
 * <p>Only what was synced is sure to be there. Of the rest, each sector may have reached the disk or not.
 */
final class LogImages implements Syncer {
    private static final int SECTOR_BYTES = 512;

    /** Chronicle makes files longer than what is in them; tests write less than this to one. */
    private static final int READ_BYTES = 64 << 10;

    private final Map<String, byte[]> durable = new HashMap<>();
    private Runnable beforeForce = () -> {};

    /** Takes what a log has on disk now, and nothing else, for durable. */
    void takeAllForDurable(Path log) throws IOException {
        durable.clear();
        for (Path file : files(log)) {
            durable.put(name(file), content(file));
        }
    }

    /** Runs before each sync, when everything is written and nothing of it durable. */
    void beforeForce(Runnable action) {
        beforeForce = action;
    }

    @Override
    public void force(FileChannel channel, Path file) throws IOException {
        beforeForce.run();
        Syncer.DISK.force(channel, file);
        durable.put(name(file), content(file));
    }

    private static String name(Path file) {
        return file.getFileName().toString().replace(".tmp", "");
    }

    /**
     * Writes what a power cut now would leave.
     *
     * @param written which part of the sectors that were written but not synced reached the disk, from 0 to 1
     */
    void powerCut(Path log, Path image, Random random, double written) throws IOException {
        Files.createDirectories(image);
        for (Path file : files(log)) {
            byte[] now = content(file);
            byte[] synced = Arrays.copyOf(durable.getOrDefault(name(file), new byte[0]), now.length);
            for (int sector = 0; sector < now.length; sector += SECTOR_BYTES) {
                if (random.nextDouble() < written) {
                    System.arraycopy(now, sector, synced, sector, Math.min(SECTOR_BYTES, now.length - sector));
                }
            }
            Files.write(image.resolve(file.getFileName()), synced);
        }
        // The deletion of a file is durable only when its directory was synced; until then the file may come back.
        for (Map.Entry<String, byte[]> file : durable.entrySet()) {
            if (!Files.exists(log.resolve(file.getKey())) && random.nextBoolean()) {
                Files.write(image.resolve(file.getKey()), file.getValue());
            }
        }
    }

    /** Copies the files of a log as they are. */
    static void copy(Path log, Path copy) throws IOException {
        Files.createDirectories(copy);
        for (Path file : files(log)) {
            Files.write(copy.resolve(file.getFileName()), content(file));
        }
    }

    private static List<Path> files(Path directory) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(files::add);
        }
        return files;
    }

    private static byte[] content(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer content = ByteBuffer.allocate(READ_BYTES);
            int count = 0;
            while (count >= 0 && content.hasRemaining()) {
                count = channel.read(content, content.position());
            }
            return Arrays.copyOf(content.array(), content.position());
        }
    }

    /** Turns one bit of a file round. */
    static void flipBit(Path file, long bit) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, bit / 8);
            one.put(0, (byte) (one.get(0) ^ (1 << (bit % 8))));
            channel.write(one.flip(), bit / 8);
        }
    }

    /** Writes bytes to a place of a file. */
    static void overwrite(Path file, long position, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            DurableFiles.writeFully(channel, ByteBuffer.wrap(bytes), position);
        }
    }

    /** Turns a closed log into what the first version of the format would have written. */
    static void toFirstVersion(Path log) throws IOException {
        int salt = salt(log);
        for (Path segment : SegmentFiles.list(log).values()) {
            byte[] content = Files.readAllBytes(segment);
            ByteBuffer bytes = ByteBuffer.wrap(content);
            try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.READ)) {
                SegmentScanner scanner = new SegmentScanner(channel, salt);
                for (var record = scanner.next(); record != null; record = scanner.next()) {
                    int start = record.position() + SegmentScanner.EXCERPT_HEADER_BYTES;
                    bytes.putShort(start + 4, (short) 1).putShort(start + 6, (short) 0);
                    bytes.putInt(start + LogRecord.HEADER_BYTES - 4, crc(content, start, LogRecord.HEADER_BYTES - 4));
                }
            } catch (DamagedRecordException e) {
                throw new AssertionError(e);
            }
            Files.write(segment, content);
        }
        Path mark = log.resolve(SegmentFiles.MARK);
        byte[] pages = Files.readAllBytes(mark);
        for (int copy = 0; copy < pages.length; copy += DurableMark.PAGE_BYTES / 2) {
            ByteBuffer old = ByteBuffer.wrap(pages, copy, 64).slice();
            old.putShort(4, (short) 1);
            old.position(36).putInt(crc(pages, copy, 36)).put(new byte[24]);
        }
        Files.write(mark, pages);
    }

    private static int crc(byte[] bytes, int start, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, start, length);
        return (int) crc.getValue();
    }

    /** The salt of a log. */
    static int salt(Path log) {
        return DurableMark.peek(log.resolve(SegmentFiles.MARK)).salt();
    }

    /** Recovers a log as an open does, and reads all its entries. */
    static List<LogEntry> recover(Path log, Syncer syncer) throws IOException {
        try (DurableMark mark = DurableMark.open(log.resolve(SegmentFiles.MARK), syncer);
                SegmentReader reader = new SegmentReader(log, mark.mark().salt())) {
            LogIndex index = LogRecovery.recover(log, mark, syncer).index();
            List<LogEntry> entries = new ArrayList<>();
            long next = index.firstIndex();
            while (next <= index.lastIndex()) {
                LogIndex.Location location = index.locate(next);
                List<LogEntry> record = reader.read(location);
                entries.addAll(record.subList(0, (int) (location.lastIndex() - location.firstIndex() + 1)));
                next = location.lastIndex() + 1;
            }
            return entries;
        }
    }
}
