package io.balsa.bench.lock;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds a server of another product that is installed on this machine. */
final class InstalledProgram {
    private InstalledProgram() {}

    /**
     * The path of a program, on {@code PATH} or where servers are installed.
     *
     * @throws IllegalStateException if it is not installed
     */
    static Path find(String program) {
        return look(program).orElseThrow(() -> new IllegalStateException(missing(program)));
    }

    /** Says that a program is not installed, and how it is; empty if it is. */
    static Optional<String> reasonIfMissing(String program) {
        return look(program).isPresent() ? Optional.empty() : Optional.of(missing(program));
    }

    private static String missing(String program) {
        return program + " is not installed; scripts/install-test-servers installs it";
    }

    private static Optional<Path> look(String program) {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.concat(Stream.of(path.split(":")), Stream.of("/usr/sbin", "/usr/local/sbin"))
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
