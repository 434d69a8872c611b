package io.balsa.server.command;

import io.balsa.raft.adapter.HostAndPort;
import io.balsa.raft.adapter.NettyRaftService;
import io.balsa.raft.adapter.NetworkThreads;
import io.balsa.raft.adapter.ServiceConnectionLimits;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.LeaderHint;
import io.balsa.raft.port.NodeStatus;
import io.balsa.server.CommandFailure;
import io.balsa.server.ExitCode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** What the nodes of a cluster said of themselves, seen together. */
record ClusterStatus(List<Answer> answers) {
    /** What came of asking one node. */
    record Answer(HostAndPort address, Optional<NodeStatus> status, String failure) {}

    /** Asks the nodes that were named, and the leader that they name. */
    static ClusterStatus ask(Cluster cluster) {
        List<Answer> answers = new ArrayList<>(ask(cluster, cluster.endpoints()));
        new ClusterStatus(answers)
                .leader()
                .map(LeaderHint::clientAddress)
                .filter(address -> !address.isEmpty() && !isKnown(address, answers))
                .ifPresent(address -> answers.addAll(ask(cluster, List.of(HostAndPort.parse(address)))));
        return new ClusterStatus(List.copyOf(answers));
    }

    /** Fails if no node answered. */
    void requireAnyAnswer() {
        if (statuses().isEmpty()) {
            throw new CommandFailure(
                    ExitCode.NOT_APPLIED,
                    answers.stream()
                            .map(answer -> answer.address().toString())
                            .collect(Collectors.joining(", ", "no node of ", " answered")));
        }
    }

    List<NodeStatus> statuses() {
        return answers.stream().flatMap(answer -> answer.status().stream()).toList();
    }

    /** Who knows of the latest term knows who leads now. */
    Optional<LeaderHint> leader() {
        return statuses().stream()
                .filter(status -> status.leader().isPresent())
                .max(Comparator.comparingLong(NodeStatus::term))
                .filter(latest -> latest.term() == term())
                .flatMap(NodeStatus::leader);
    }

    /** What the leader says, or else the one who has heard the most. */
    Optional<NodeStatus> best() {
        Optional<NodeId> leader = leader().map(LeaderHint::id);
        return statuses().stream()
                .max(Comparator.<NodeStatus, Boolean>comparing(status -> leader.equals(Optional.of(status.id())))
                        .thenComparing(NodeStatus::commitIndex));
    }

    long term() {
        return statuses().stream().mapToLong(NodeStatus::term).max().orElse(0);
    }

    /** Members of which nothing was heard. */
    Set<NodeId> silent() {
        Set<NodeId> silent = new TreeSet<>();
        best().ifPresent(status -> silent.addAll(status.configuration().members()));
        statuses().forEach(status -> silent.remove(status.id()));
        return silent;
    }

    /** The leader may have answered already, under another name of its host. */
    private static boolean isKnown(String address, List<Answer> answers) {
        NodeId leader = new ClusterStatus(answers).leader().orElseThrow().id();
        return answers.stream()
                .anyMatch(answer -> answer.address().toString().equals(address)
                        || answer.status()
                                .filter(status -> status.id().equals(leader))
                                .isPresent());
    }

    private static List<Answer> ask(Cluster cluster, List<HostAndPort> addresses) {
        long timeoutMillis = cluster.timeout().toMillis();
        ServiceConnectionLimits limits = ServiceConnectionLimits.DEFAULT
                .withRequestTimeoutMillis(timeoutMillis)
                .withConnectTimeoutMillis(timeoutMillis);
        try (NetworkThreads threads = NetworkThreads.create("status", 1)) {
            List<NettyRaftService> services = addresses.stream()
                    .map(address -> new NettyRaftService(address, "", limits, threads))
                    .toList();
            List<CompletableFuture<Answer>> answers = services.stream()
                    .map(service -> service.submit(new ClientRequest.Status())
                            .thenApply(response -> answer(service.address(), response)))
                    .toList();
            List<Answer> all = answers.stream().map(CompletableFuture::join).toList();
            services.forEach(NettyRaftService::close);
            return all;
        }
    }

    private static Answer answer(HostAndPort address, ClientResponse response) {
        if (response instanceof ClientResponse.Status status) {
            return new Answer(address, Optional.of(status.status()), "");
        } else if (response instanceof ClientResponse.Unavailable unavailable) {
            return new Answer(address, Optional.empty(), unavailable.reason());
        } else if (response instanceof ClientResponse.Unknown unknown) {
            return new Answer(address, Optional.empty(), unknown.reason());
        }
        return new Answer(address, Optional.empty(), "answered " + response);
    }
}
