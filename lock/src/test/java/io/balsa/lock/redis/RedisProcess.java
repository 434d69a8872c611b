package io.balsa.lock.redis;

import io.balsa.lock.contract.TestServers;
import io.lettuce.core.RedisURI;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * A Redis server that confirms only what is on disk. It keeps its port over restarts, and never outlives this JVM: a shell
 * waits for the end of its input, which comes with the end of whoever holds the other end, and then kills the server.
 */
public final class RedisProcess implements AutoCloseable {
    private static final String SHELL = "\"$@\" & read -r unused; kill -KILL $!; wait";
    private static final long PATIENCE_SECONDS = 60;

    private final Path program = TestServers.require("redis-server");
    private final Path directory;
    private final int port = TestServers.freePorts(1).get(0);
    private Process shell;

    /** @param directory of its own */
    public RedisProcess(Path directory) {
        this.directory = directory;
    }

    /** Starts it, with what it has on disk. */
    public RedisProcess start() {
        try {
            Files.createDirectories(directory);
            shell = new ProcessBuilder(
                            "sh",
                            "-c",
                            SHELL,
                            "sh",
                            program.toString(),
                            "--bind",
                            "127.0.0.1",
                            "--port",
                            Integer.toString(port),
                            "--dir",
                            directory.toString(),
                            "--save",
                            "",
                            "--appendonly",
                            "yes",
                            "--appendfsync",
                            "always")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            directory.resolve("redis.log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Awaitility.await().atMost(PATIENCE_SECONDS, TimeUnit.SECONDS).until(this::serves);
        return this;
    }

    private boolean serves() throws IOException {
        if (!shell.isAlive()) {
            throw new IllegalStateException("redis-server ended: " + Files.readString(directory.resolve("redis.log")));
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            return "+PONG".equals(in.readLine());
        } catch (IOException e) {
            return false;
        }
    }

    public int port() {
        return port;
    }

    public RedisURI uri() {
        return RedisURI.create("127.0.0.1", port);
    }

    /** Kills it without a word to its clients. */
    public void kill() {
        if (shell == null) {
            return;
        }
        try {
            shell.getOutputStream().close();
            if (!shell.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("redis-server of port " + port + " does not end");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while redis-server of port " + port + " ends", e);
        }
        shell = null;
    }

    /** Stops it from answering, with its connections open; or lets it go on. */
    public void pause(boolean paused) {
        List<ProcessHandle> servers = shell.toHandle().descendants().toList();
        try {
            for (ProcessHandle server : servers) {
                new ProcessBuilder("kill", paused ? "-STOP" : "-CONT", Long.toString(server.pid()))
                        .inheritIO()
                        .start()
                        .waitFor();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a signal was sent", e);
        }
    }

    @Override
    public void close() {
        kill();
    }
}
