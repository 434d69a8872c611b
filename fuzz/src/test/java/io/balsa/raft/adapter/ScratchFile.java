package io.balsa.raft.adapter;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file for what is read from files; each target has one for each thread, for tests run at the same time. */
final class ScratchFile {
    private final ThreadLocal<Path> path = ThreadLocal.withInitial(ScratchFile::create);

    /** The file of this thread, with this content. */
    Path with(byte[] content) throws IOException {
        return Files.write(path.get(), content);
    }

    private static Path create() {
        try {
            Path created = Files.createTempFile("balsa-fuzz-", ".tmp");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(created)));
            return created;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
