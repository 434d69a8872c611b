package io.balsa.raft.adapter;

import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * The checksum that identifies the bytes of a snapshot: CRC32C in the upper half, CRC32 in the lower. Two polynomials, since
 * over a gigabyte 32 bits alone would be a little too few to take one content for another by.
 */
final class SnapshotChecksum {
    private final CRC32C upper = new CRC32C();
    private final CRC32 lower = new CRC32();

    void update(byte[] bytes, int offset, int length) {
        upper.update(bytes, offset, length);
        lower.update(bytes, offset, length);
    }

    long value() {
        return upper.getValue() << 32 | lower.getValue();
    }
}
