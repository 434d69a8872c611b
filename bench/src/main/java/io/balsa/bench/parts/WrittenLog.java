package io.balsa.bench.parts;

import io.balsa.raft.adapter.LogStorageKind;
import java.io.IOException;
import java.nio.file.Path;

/** What batches of entries are written to. */
public enum WrittenLog {
    SEGMENT {
        @Override
        BatchWriter open(Path directory, int entries, int payloadBytes) {
            return LogBatches.open(directory, LogStorageKind.SEGMENT, entries, payloadBytes);
        }
    },

    SEGMENT_CACHED {
        @Override
        BatchWriter open(Path directory, int entries, int payloadBytes) {
            return LogBatches.open(directory, LogStorageKind.SEGMENT_CACHED, entries, payloadBytes);
        }
    },

    CHRONICLE {
        @Override
        BatchWriter open(Path directory, int entries, int payloadBytes) {
            return LogBatches.open(directory, LogStorageKind.CHRONICLE, entries, payloadBytes);
        }
    },

    /** As many bytes, written at once into a plain file whose blocks are there, through the kernel's cache. */
    FLOOR {
        @Override
        BatchWriter open(Path directory, int entries, int payloadBytes) throws IOException {
            return PlainFileBatches.open(directory.resolve("file"), entries, payloadBytes);
        }
    };

    /** @param directory empty */
    abstract BatchWriter open(Path directory, int entries, int payloadBytes) throws IOException;
}
