package io.balsa.raft.adapter;

import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.core.SnapshotMetadata;
import io.balsa.raft.port.SnapshotStorage;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A snapshot of this server's own on its way to a file. */
final class FileSnapshotWriting implements SnapshotStorage.Writing {
    private final FileSnapshotStorage storage;
    private final SnapshotMetadata metadata;
    private final Path file;
    private final SnapshotFileOutput output;
    private final SnapshotEncoder encoder;
    private boolean ended;

    FileSnapshotWriting(FileSnapshotStorage storage, SnapshotMetadata metadata, Path file, Syncer syncer) {
        this.storage = storage;
        this.metadata = metadata;
        this.file = file;
        this.output = new SnapshotFileOutput(file, 0, syncer);
        try {
            this.encoder = new SnapshotEncoder(metadata, output);
        } catch (IOException | StorageException e) {
            close();
            throw e instanceof StorageException failed ? failed : DurableFiles.writeFailure("write", file, e);
        }
    }

    @Override
    public OutputStream output() {
        return encoder;
    }

    @Override
    public SnapshotDescription publish() throws IOException {
        SnapshotDescription description = encoder.finish();
        output.sync();
        output.close();
        if (storage.isNewest(metadata)) {
            storage.publish(file, description);
            ended = true;
        }
        return storage.latest().orElseThrow();
    }

    @Override
    public void close() {
        try {
            output.close();
            if (!ended) {
                Files.deleteIfExists(file);
            }
            ended = true;
        } catch (IOException e) {
            throw DurableFiles.writeFailure("delete", file, e);
        }
    }
}
