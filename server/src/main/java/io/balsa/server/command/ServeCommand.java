package io.balsa.server.command;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.balsa.raft.port.Exclusion;
import io.balsa.server.CommandFailure;
import io.balsa.server.ExitCode;
import io.balsa.server.config.ServerConfig;
import io.balsa.statemachine.node.CoordinationNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code serve}: runs one node of a cluster until it is told to stop, or halts. */
@Command(
        name = "serve",
        description = {
            "Runs one node of a cluster until SIGTERM or SIGINT.",
            "Prints one line on standard output when the node is ready, one more if it turns out that it was removed from the"
                    + " cluster or that the others refuse it, and its log on standard error. Such a node disturbs"
                    + " nobody, and stays up so that balsa status can be asked."
        })
public final class ServeCommand implements Callable<Integer> {
    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(ServeCommand.class);
    private static final Duration STOP_TIME = Duration.ofSeconds(10);

    /** The levels of the log. */
    enum LogLevel {
        ERROR,
        WARN,
        INFO,
        DEBUG
    }

    @Option(
            names = "--config",
            paramLabel = "FILE",
            required = true,
            description = "The node's configuration; see docs/configuration.md.")
    private Path file;

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            defaultValue = "${env:BALSA_LOG_LEVEL:-info}",
            description = "error, warn, info or debug. Otherwise BALSA_LOG_LEVEL, or info.")
    private LogLevel logLevel;

    @Mixin
    private Output output;

    @SuppressWarnings("try") // what is opened works while the block runs
    @Override
    public Integer call() throws InterruptedException {
        long beganNanos = System.nanoTime();
        ServerConfig config = ServerConfig.read(file);
        setLogLevel();
        CompletableFuture<Void> stopped = new CompletableFuture<>();
        try (Signals signals = Signals.handle(signal -> stop(stopped, signal))) {
            CoordinationNode node = NodeStart.start(config);
            try {
                printReady(config, node, Duration.ofNanos(System.nanoTime() - beganNanos));
                // After that line, also when it was known before.
                CompletableFuture<Void> unused =
                        node.excluded().thenAccept(exclusion -> printExcluded(config, exclusion));
                CompletableFuture.anyOf(stopped, node.halted()).get();
            } catch (ExecutionException e) {
                throw new CommandFailure(
                        ExitCode.NODE_HALTED, "node " + config.nodeId() + " halted: " + reason(e.getCause()), e);
            } finally {
                closeInTime(node);
            }
            LOG.info("node {} has stopped", config.nodeId());
            return ExitCode.OK.code();
        }
    }

    private static void stop(CompletableFuture<Void> stopped, Signals.Signal signal) {
        if (!stopped.complete(null)) {
            // Asked twice: whoever asks does not want to wait.
            Runtime.getRuntime().halt(signal.exitCode());
        }
    }

    private void printReady(ServerConfig config, CoordinationNode node, Duration time) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("event", "ready");
        json.put("node", config.nodeId());
        json.put("cluster", config.clusterId());
        json.put("peerAddress", config.self().endpoint());
        json.put("clientAddress", node.clientAddress());
        json.put("millis", time.toMillis());
        String line = "ready: node %s of cluster %s, peers at %s, clients at %s, after %d ms"
                .formatted(
                        config.nodeId(),
                        config.clusterId(),
                        config.self().endpoint(),
                        node.clientAddress(),
                        time.toMillis());
        output.print(json, line);
    }

    private void printExcluded(ServerConfig config, Exclusion exclusion) {
        String event = exclusion.reason().name().toLowerCase(Locale.ROOT);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("event", event);
        json.put("node", config.nodeId());
        json.put("cluster", config.clusterId());
        json.put("detail", exclusion.detail());
        output.print(json, event + ": " + exclusion.detail());
    }

    /** A node that hangs while it closes must not keep whoever stops it waiting; what it acknowledged is durable. */
    private static void closeInTime(CoordinationNode node) throws InterruptedException {
        Thread closing = new Thread(node::close, "balsa-close");
        closing.setDaemon(true);
        closing.start();
        closing.join(STOP_TIME.toMillis());
        if (closing.isAlive()) {
            LOG.warn("the node did not close within {} s; ending all the same", STOP_TIME.toSeconds());
        }
    }

    private void setLogLevel() {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.valueOf(logLevel.name()));
    }

    private static String reason(Throwable cause) {
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}
