package io.balsa.raft.adapter;

import java.nio.file.Path;
import java.util.List;

/** The kinds of durable log, which pass the same tests. */
enum LogKind {
    CHRONICLE(".cq4") {
        @Override
        SegmentedLogStorage open(Path directory, SegmentedLogStorage.Options options, Syncer syncer) {
            return ChronicleLogStorage.open(directory, options, syncer);
        }
    },
    SEGMENT(".segment") {
        @Override
        SegmentedLogStorage open(Path directory, SegmentedLogStorage.Options options, Syncer syncer) {
            return SegmentLogStorage.open(directory, options, syncer);
        }
    };

    /** How the name of a segment ends that is written to. */
    final String suffix;

    LogKind(String suffix) {
        this.suffix = suffix;
    }

    /** What a JVM needs on its command line. */
    List<String> flags() {
        return this == CHRONICLE ? RuntimeFlags.needed() : List.of();
    }

    SegmentedLogStorage open(Path directory) {
        return open(directory, SegmentedLogStorage.Options.DEFAULT, Syncer.DISK);
    }

    abstract SegmentedLogStorage open(Path directory, SegmentedLogStorage.Options options, Syncer syncer);
}
