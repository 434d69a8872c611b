package io.balsa.raft.adapter;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes past the kernel's cache: what is needed of a log soon is in the node's own memory, and to copy its bytes into the
 * cache, to find pages for them and to write these back costs more than everything else about a large batch. The price is
 * that each write waits for the disk, and that older entries, for a follower that lags far behind, are read from there. They
 * are as little durable as others before the sync; and whoever reads the file through the cache meanwhile gets what was
 * written.
 *
 * <p>Buffers, positions and lengths are multiples of a block then. Not every JDK and file system has such writes.
 */
final class DirectWrites {
    /** A multiple of what disks and file systems ask for. */
    static final int BLOCK_BYTES = 4096;

    private static final Logger LOG = LoggerFactory.getLogger(DirectWrites.class);
    private static final String PROBE = "direct-writes.tmp";
    private static final Optional<OpenOption> OPTION = option();

    private DirectWrites() {}

    /** Of a module that a JDK may lack, so that nothing here is linked to it. */
    private static Optional<OpenOption> option() {
        try {
            Object[] options =
                    Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants();
            return Arrays.stream(options)
                    .map(OpenOption.class::cast)
                    .filter(option -> option.toString().equals("DIRECT"))
                    .findFirst();
        } catch (ClassNotFoundException e) {
            return Optional.empty();
        }
    }

    /**
     * Finds out whether files of a directory can be written so, by trying. If it fails for another reason, such as a full disk,
     * whatever is written next will say so.
     *
     * @return the option to open them with
     */
    static Optional<OpenOption> optionFor(Path directory) {
        Optional<OpenOption> usable = OPTION.filter(option -> worksWith(option, directory));
        if (usable.isEmpty()) {
            LOG.info("the log in {} is written through the kernel's cache: direct writes don't work there", directory);
        }
        return usable;
    }

    private static boolean worksWith(OpenOption direct, Path directory) {
        Path probe = directory.resolve(PROBE);
        try {
            try (FileChannel channel = FileChannel.open(
                    probe,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE,
                    direct)) {
                DurableFiles.writeFully(channel, buffer(BLOCK_BYTES), 0);
                return true;
            } finally {
                // Some refuse to open a file for direct writes that they have created.
                Files.deleteIfExists(probe);
            }
        } catch (IOException | UnsupportedOperationException e) {
            LOG.debug("direct writes fail in {}", directory, e);
            return false;
        }
    }

    /**
     * A buffer that may be written so.
     *
     * @param bytes a multiple of {@link #BLOCK_BYTES}
     */
    static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes + BLOCK_BYTES)
                .alignedSlice(BLOCK_BYTES)
                .slice(0, bytes);
    }

    /** The end of the block in which so many bytes end. */
    static int wholeBlocks(int bytes) {
        return (bytes + BLOCK_BYTES - 1) & -BLOCK_BYTES;
    }
}
