package io.balsa.raft.adapter;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file for what is read from files; each target has its own. */
final class ScratchFile {
    private Path path;

    /** The file with this content. */
    synchronized Path with(byte[] content) throws IOException {
        if (path == null) {
            Path created = Files.createTempFile("balsa-fuzz-", ".tmp");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(created)));
            path = created;
        }
        return Files.write(path, content);
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
