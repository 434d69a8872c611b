package io.balsa.raft.adapter;

import java.nio.file.Path;

/**
 * How a node writes its log. All kinds have the same format on disk and the same guarantees, so a node may be started with
 * another kind than before.
 */
public enum LogStorageKind {
    /** {@link SegmentLogStorage}: plain files, written past the kernel's cache where that is possible; the usual one. */
    SEGMENT {
        @Override
        SegmentedLogStorage open(Path directory, SegmentedLogStorage.Options options, Syncer syncer) {
            return SegmentLogStorage.open(directory, options, syncer);
        }
    },

    /** The same through the kernel's cache: for a disk that takes each write slowly, and syncs many at once quickly. */
    SEGMENT_CACHED {
        @Override
        SegmentedLogStorage open(Path directory, SegmentedLogStorage.Options options, Syncer syncer) {
            return SegmentLogStorage.openCached(directory, options, syncer);
        }
    },

    /** {@link ChronicleLogStorage}: a Chronicle queue, mapped to memory. */
    CHRONICLE {
        @Override
        SegmentedLogStorage open(Path directory, SegmentedLogStorage.Options options, Syncer syncer) {
            return ChronicleLogStorage.open(directory, options, syncer);
        }
    };

    abstract SegmentedLogStorage open(Path directory, SegmentedLogStorage.Options options, Syncer syncer);
}
