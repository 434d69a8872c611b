package io.balsa.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A directory on the disk to be measured: below {@code balsa.bench.directory}, or the working directory's {@code target}. */
public final class ScratchDirectory {
    private static final Logger LOG = LoggerFactory.getLogger(ScratchDirectory.class);

    private final Path path;

    private ScratchDirectory(Path path) {
        this.path = path;
    }

    /** Makes an empty one. */
    public static ScratchDirectory create() throws IOException {
        // Not the system's directory for temporary files, which may be in memory.
        Path parent = Path.of(System.getProperty("balsa.bench.directory", "target"));
        Files.createDirectories(parent);
        ScratchDirectory scratch = new ScratchDirectory(Files.createTempDirectory(parent, "bench-"));
        // JMH does not tear down what failed.
        Runtime.getRuntime().addShutdownHook(new Thread(scratch::deleteWhatIsLeft, "deletes-scratch-directory"));
        return scratch;
    }

    private void deleteWhatIsLeft() {
        if (Files.exists(path)) {
            try {
                delete();
            } catch (IOException | UncheckedIOException e) {
                LOG.warn("{} is left behind", path, e);
            }
        }
    }

    public Path path() {
        return path;
    }

    /** Deletes it and all that is in it. */
    public void delete() throws IOException {
        try (Stream<Path> all = Files.walk(path)) {
            all.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException("can't delete what a benchmark wrote", e);
                }
            });
        }
    }
}
