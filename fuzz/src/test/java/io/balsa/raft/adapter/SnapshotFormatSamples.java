package io.balsa.raft.adapter;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.SnapshotMetadata;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/** Snapshots to begin with. */
final class SnapshotFormatSamples {
    private static final SnapshotMetadata METADATA =
            new SnapshotMetadata(5, 2, 1000, Configuration.of(List.of(NodeId.of("n1"), NodeId.of("n2"))));

    /** A header that is right. */
    static final byte[] HEADER = SnapshotFormat.encodeHeader(METADATA);

    private SnapshotFormatSamples() {}

    /** A whole snapshot of a few bytes. */
    static byte[] small() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        SnapshotEncoder encoder = new SnapshotEncoder(METADATA, bytes);
        encoder.write(new byte[] {1, 2, 3});
        encoder.finish();
        return bytes.toByteArray();
    }
}
