package io.balsa.raft.adapter;

import java.nio.file.Path;

/**
 * The durable log of one group, in the segments of a Chronicle queue: one excerpt holds one appended batch. It needs the flags
 * of {@link RuntimeFlags}.
 *
 * @see SegmentLogStorage
 */
public final class ChronicleLogStorage extends SegmentedLogStorage {
    private ChronicleLogStorage(Opened opened) {
        super(opened);
    }

    /**
     * Opens a log, recovering it first if it was not closed.
     *
     * @throws io.balsa.raft.port.StorageException if the log or a part of it that was acknowledged is missing or damaged
     * @throws MissingRuntimeFlagsException if the JVM lacks flags that Chronicle needs
     */
    public static ChronicleLogStorage open(Path directory) {
        return open(directory, Options.DEFAULT, Syncer.DISK);
    }

    static ChronicleLogStorage open(Path directory, Options options, Syncer syncer) {
        RuntimeFlags.require();
        return new ChronicleLogStorage(open(directory, options, syncer, ChronicleSegmentWriter::new));
    }
}
