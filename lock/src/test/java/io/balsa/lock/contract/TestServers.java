package io.balsa.lock.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Servers of other products that tests start: their programs, and ports for them. */
public final class TestServers {
    private TestServers() {}

    /**
     * The path of an installed program. Where there is none, the test is skipped with the reason; in continuous integration,
     * which is marked by the environment variable {@code CI} and has to provide everything, it fails.
     */
    public static Path require(String program) {
        Optional<Path> found = find(program);
        String reason = program + " is not installed; scripts/install-test-servers installs it";
        if (System.getenv("CI") != null) {
            assertThat(found).as(reason).isPresent();
        }
        assumeTrue(found.isPresent(), reason);
        return found.orElseThrow();
    }

    private static Optional<Path> find(String program) {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.concat(Stream.of(path.split(":")), Stream.of("/usr/sbin", "/usr/local/sbin"))
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Free ports on loopback, all different. They may be taken by somebody else before a server binds them. */
    public static List<Integer> freePorts(int count) {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            sockets.forEach(TestServers::closeQuietly);
        }
    }

    private static void closeQuietly(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
