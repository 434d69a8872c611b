package io.balsa.raft.node;

import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.core.SnapshotMetadata;
import io.balsa.raft.port.SnapshotStorage;
import java.io.IOException;
import java.io.InputStream;

/** Another server's snapshot that is complete here, on its way into the state machine. */
final class ReceivedSnapshot {
    private final SnapshotStorage storage;
    private final SnapshotDescription description;
    private final Runnable onSettled;

    /** @param onSettled called when it is in effect */
    ReceivedSnapshot(SnapshotStorage storage, SnapshotDescription description, Runnable onSettled) {
        this.storage = storage;
        this.description = description;
        this.onSettled = onSettled;
    }

    SnapshotMetadata metadata() {
        return description.metadata();
    }

    /** The state. */
    InputStream open() throws IOException {
        return storage.read(description);
    }

    /** It is in effect: what came before it may go, and another may come. */
    void settled() {
        storage.deleteOlder();
        onSettled.run();
    }
}
