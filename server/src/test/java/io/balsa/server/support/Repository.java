package io.balsa.server.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Files of the project that tests compare with the code. */
public final class Repository {
    private Repository() {}

    /** A file by its path from the root; tests run in the directory of their module. */
    public static Path file(String path) {
        Path file = Path.of("..", path).normalize();
        if (!Files.exists(file)) {
            throw new IllegalStateException(file.toAbsolutePath() + " is missing");
        }
        return file;
    }

    public static List<String> lines(String path) {
        try {
            return Files.readAllLines(file(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
