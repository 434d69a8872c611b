package io.balsa.server.command;

import io.balsa.raft.adapter.HostAndPort;
import io.balsa.raft.adapter.NettyRaftService;
import io.balsa.raft.adapter.NetworkThreads;
import io.balsa.raft.adapter.ServiceConnectionLimits;
import io.balsa.raft.client.RaftClient;
import io.balsa.raft.client.RequestException;
import io.balsa.server.CommandFailure;
import io.balsa.server.ExitCode;
import io.balsa.statemachine.session.Session;
import io.balsa.statemachine.session.SessionOptions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** The options that say which cluster to speak to, and the session that they lead to. */
public final class Cluster {
    /** Long enough for a client that lives longer than one request, and for the cluster to forget one that does not. */
    private static final Duration SESSION_TTL = Duration.ofSeconds(15);

    @Option(
            names = "--cluster",
            paramLabel = "HOST:PORT,…",
            defaultValue = "${env:BALSA_CLUSTER:-localhost:7201}",
            description = "Where nodes of the cluster take clients; one of them is enough, all of them survive more."
                    + " Otherwise BALSA_CLUSTER, or localhost:7201.")
    private String addresses;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "5s",
            description = "How long one request may take, trying again included. Default: ${DEFAULT-VALUE}.")
    private Duration timeout;

    /** Where nodes take clients. */
    List<HostAndPort> endpoints() {
        try {
            return Arrays.stream(addresses.split(",", -1))
                    .map(address -> HostAndPort.parse(address.strip()))
                    .distinct()
                    .toList();
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCode.USAGE, "--cluster: " + e.getMessage(), e);
        }
    }

    Duration timeout() {
        return positive("--timeout", timeout);
    }

    /** Opens a session of the usual time to live. */
    Session connect() {
        return connectWithTtl(SESSION_TTL);
    }

    /** Opens a session of the usual time to live, or of this one if it is longer. */
    Session connect(Duration minTtl) {
        return connectWithTtl(minTtl.compareTo(SESSION_TTL) < 0 ? SESSION_TTL : minTtl);
    }

    /** Opens a session. */
    Session connectWithTtl(Duration ttl) {
        SessionOptions options = SessionOptions.builder()
                .ttl(positive("--ttl", ttl))
                .requestTimeout(timeout())
                .clientName("balsa-" + ProcessHandle.current().pid())
                .build();
        String endpoints = endpoints().stream().map(HostAndPort::toString).collect(Collectors.joining(","));
        return Session.connect(endpoints, options);
    }

    /** Has the leader of the cluster, whatever it is called, do something. */
    <T> T administer(Function<RaftClient, CompletableFuture<T>> request) {
        ServiceConnectionLimits limits = ServiceConnectionLimits.DEFAULT.withRequestTimeoutMillis(
                timeout().toMillis());
        try (NetworkThreads threads = NetworkThreads.create("admin", 1);
                RaftClient client = RaftClient.builder()
                        .addresses(
                                endpoints().stream().map(HostAndPort::toString).toList())
                        .connector(address -> new NettyRaftService(HostAndPort.parse(address), "", limits, threads))
                        .executor(Runnable::run)
                        .build()) {
            return request.apply(client).join();
        } catch (CompletionException failure) {
            if (failure.getCause() instanceof RequestException cause) {
                throw cause;
            }
            throw failure;
        }
    }

    static Duration positive(String option, Duration duration) {
        if (duration.isZero()) {
            throw new CommandFailure(ExitCode.USAGE, option + ": must be at least 1ms");
        }
        return duration;
    }
}
