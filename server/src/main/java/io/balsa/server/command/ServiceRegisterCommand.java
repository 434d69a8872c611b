package io.balsa.server.command;

import io.balsa.raft.client.RequestException;
import io.balsa.server.CommandFailure;
import io.balsa.server.ExitCode;
import io.balsa.statemachine.session.ServiceInstance;
import io.balsa.statemachine.session.ServiceStatus;
import io.balsa.statemachine.session.Session;
import io.balsa.statemachine.session.SessionState;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code service register}: keeps a service instance registered while it runs, or leaves it for a time. */
@Command(
        name = "register",
        description = {
            "Registers an instance and keeps it registered until SIGINT or SIGTERM; then removes it.",
            "With --detach, leaves it registered for --ttl, and ends at once."
        })
final class ServiceRegisterCommand implements Callable<Integer> {
    private static final long RETRY_MILLIS = 1000;

    @Parameters(paramLabel = "NAME", description = "The service.")
    private String name;

    @Option(names = "--id", paramLabel = "ID", required = true, description = "The instance; unique in the service.")
    private String id;

    @Option(names = "--address", paramLabel = "HOST", required = true, description = "Where it is reached.")
    private String address;

    @Option(names = "--port", paramLabel = "PORT", required = true, description = "Where it is reached.")
    private int port;

    @Option(names = "--meta", paramLabel = "KEY=VALUE", description = "Whatever else clients should know; repeatable.")
    private Map<String, String> metadata = new LinkedHashMap<>();

    @Option(names = "--version", paramLabel = "VERSION", defaultValue = "", description = "Of the service's software.")
    private String version;

    @Option(
            names = "--ttl",
            paramLabel = "DURATION",
            defaultValue = "15s",
            description =
                    "The instance vanishes when the cluster hears nothing for so long. Default: ${DEFAULT-VALUE}.")
    private Duration ttl;

    @Option(names = "--detach", description = "Leave the instance registered for --ttl, and end at once.")
    private boolean detach;

    @Mixin
    private Cluster cluster;

    @Mixin
    private Output output;

    private final CompletableFuture<Void> stopped = new CompletableFuture<>();

    @SuppressWarnings("try") // what is opened works while the block runs
    @Override
    public Integer call() {
        ServiceInstance instance = instance();
        if (detach) {
            try (Session session = cluster.connectWithTtl(ttl)) {
                register(session, instance);
                session.detach();
                return ExitCode.OK.code();
            }
        }
        try (Signals signals = Signals.handle(signal -> stopped.complete(null))) {
            keepRegistered(instance);
            return ExitCode.OK.code();
        }
    }

    /** The first registration must succeed; one that was lost later, with its session, is made again. */
    private void keepRegistered(ServiceInstance instance) {
        boolean registeredBefore = false;
        while (!stopped.isDone()) {
            try (Session session = cluster.connectWithTtl(ttl)) {
                register(session, instance);
                registeredBefore = true;
                awaitStopOrLoss(session);
            } catch (RequestException e) {
                if (!registeredBefore) {
                    throw e;
                }
                output.note("not registered now: " + e.getMessage());
                awaitStop();
            }
        }
    }

    private void register(Session session, ServiceInstance instance) {
        long index = session.services().register(instance);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", name);
        json.put("id", id);
        json.put("registrationIndex", index);
        output.print(json, "registered at index " + index);
    }

    private void awaitStopOrLoss(Session session) {
        CompletableFuture<Void> lost = new CompletableFuture<>();
        session.addListener(state -> {
            if (state == SessionState.LOST) {
                lost.complete(null);
            }
        });
        CompletableFuture.anyOf(stopped, lost).join();
    }

    private void awaitStop() {
        stopped.copy()
                .completeOnTimeout(null, RETRY_MILLIS, TimeUnit.MILLISECONDS)
                .join();
    }

    private ServiceInstance instance() {
        try {
            return new ServiceInstance(name, id, address, port, metadata, version, ServiceStatus.HEALTHY);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCode.USAGE, "--port: " + e.getMessage(), e);
        }
    }
}
