package io.balsa.lock.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.balsa.lock.contract.TestServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.kiwiproject.consul.Consul;

/** A real Consul of one server on loopback, with its data in a folder: what it acknowledged outlives it. */
final class ConsulServer implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** Of all clients of a test, which have one address. */
    private static final int MAX_CONNECTIONS = 10_000;

    private final Path program;
    private final Path directory;
    private final int httpPort;
    private final List<Integer> otherPorts;
    private Process process;

    /** Starts it; skips the test where it is not installed. */
    ConsulServer(Path directory) {
        program = TestServers.require("consul");
        this.directory = directory;
        List<Integer> ports = TestServers.freePorts(3);
        httpPort = ports.get(0);
        otherPorts = ports.subList(1, 3);
        start();
    }

    int port() {
        return httpPort;
    }

    String address() {
        return "http://127.0.0.1:" + httpPort;
    }

    /** A client of its own, for what an operator would do. */
    Consul client() {
        return Consul.builder().withUrl(address()).withPing(false).build();
    }

    /** Starts it with what it has on disk; returns when it serves. */
    void start() {
        try {
            Files.createDirectories(directory);
            process = new ProcessBuilder(
                            program.toString(),
                            "agent",
                            "-server",
                            "-bootstrap-expect=1",
                            "-node=n1",
                            "-disable-host-node-id",
                            "-data-dir=" + directory.resolve("data"),
                            "-bind=127.0.0.1",
                            "-client=127.0.0.1",
                            "-http-port=" + httpPort,
                            "-server-port=" + otherPorts.get(0),
                            "-serf-lan-port=" + otherPorts.get(1),
                            "-serf-wan-port=-1",
                            "-dns-port=-1",
                            "-log-level=warn",
                            "-hcl=disable_update_check = true",
                            "-hcl=connect { enabled = false }",
                            "-hcl=performance { raft_multiplier = 1 }",
                            "-hcl=limits { http_max_conns_per_client = " + MAX_CONNECTIONS + " }")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        await().atMost(PATIENCE).until(this::serves);
    }

    private Path log() {
        return directory.resolve("consul.log");
    }

    private boolean serves() throws IOException, InterruptedException {
        assertThat(process.isAlive())
                .as(() -> "consul runs; it wrote: " + text(log()))
                .isTrue();
        HttpRequest request = HttpRequest.newBuilder(URI.create(address() + "/v1/kv/serves"))
                .timeout(PATIENCE)
                .PUT(HttpRequest.BodyPublishers.noBody())
                .build();
        try {
            return HttpClient.newHttpClient()
                            .send(request, HttpResponse.BodyHandlers.ofString())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    boolean isRunning() {
        return process.isAlive();
    }

    /** Ends it without a word to anybody. */
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
