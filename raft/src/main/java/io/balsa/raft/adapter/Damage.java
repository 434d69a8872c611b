package io.balsa.raft.adapter;

import java.nio.file.Path;

/**
 * A place in a node's data that is not as it was written.
 *
 * @param position in the file, in bytes
 */
public record Damage(Path file, long position, String what) {
    @Override
    public String toString() {
        return file + " at position " + position + ": " + what;
    }
}
