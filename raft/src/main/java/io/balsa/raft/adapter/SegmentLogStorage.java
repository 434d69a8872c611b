package io.balsa.raft.adapter;

import java.nio.file.Path;

/**
 * The durable log of one group, in plain files whose blocks are allocated ahead and used again. It needs no flags of the JVM.
 */
public final class SegmentLogStorage extends SegmentedLogStorage {
    private SegmentLogStorage(Opened opened) {
        super(opened);
    }

    /**
     * Opens a log, recovering it first if it was not closed.
     *
     * @throws io.balsa.raft.port.StorageException if the log or a part of it that was acknowledged is missing or damaged
     */
    public static SegmentLogStorage open(Path directory) {
        return open(directory, Options.DEFAULT, Syncer.DISK);
    }

    static SegmentLogStorage open(Path directory, Options options, Syncer syncer) {
        return new SegmentLogStorage(open(directory, options, syncer, FileSegmentWriter::direct));
    }

    static SegmentLogStorage openCached(Path directory, Options options, Syncer syncer) {
        return new SegmentLogStorage(open(directory, options, syncer, FileSegmentWriter::cached));
    }
}
