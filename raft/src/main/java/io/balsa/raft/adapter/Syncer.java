package io.balsa.raft.adapter;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * Makes what was written to a file durable.
 *
 * <p>A seam for tests: one that fails shows what a failed sync leads to, and one that copies the file shows what a power
 * cut at any moment leaves.
 */
@FunctionalInterface
interface Syncer {
    /** The disk itself. */
    Syncer DISK = (channel, file) -> channel.force(false);

    /**
     * Returns when the whole content of the file is durable.
     *
     * @param channel open for writing on {@code file}
     * @param file for messages and tests
     */
    void force(FileChannel channel, Path file) throws IOException;
}
