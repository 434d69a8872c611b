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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code status}: what each node of the cluster says of itself. */
@Command(
        name = "status",
        description = {
            "Prints what each node says of itself: its role, its term, and how far its log reaches.",
            "Asks the nodes named by --cluster, and the leader that they name."
        })
public final class StatusCommand implements Callable<Integer> {
    @Mixin
    private Cluster cluster;

    @Mixin
    private Output output;

    /** What came of asking one node. */
    private record Answer(HostAndPort address, Optional<NodeStatus> status, String failure) {}

    /** What all of them said, seen together. */
    private record View(List<Answer> answers) {
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

        long term() {
            return statuses().stream().mapToLong(NodeStatus::term).max().orElse(0);
        }

        /** Members of which nothing was heard. */
        Set<NodeId> silent() {
            Set<NodeId> silent = new TreeSet<>();
            statuses().forEach(status -> silent.addAll(status.voters()));
            statuses().forEach(status -> silent.remove(status.id()));
            return silent;
        }
    }

    @Override
    public Integer call() {
        List<HostAndPort> named = cluster.endpoints();
        List<Answer> answers = new ArrayList<>(ask(named));
        new View(answers)
                .leader()
                .map(LeaderHint::clientAddress)
                .filter(address -> !address.isEmpty() && !isKnown(address, answers))
                .ifPresent(address -> answers.addAll(ask(List.of(HostAndPort.parse(address)))));
        View view = new View(answers);
        output.print(json(view), lines(view));
        if (view.statuses().isEmpty()) {
            throw new CommandFailure(
                    ExitCode.NOT_APPLIED,
                    named.stream()
                            .map(HostAndPort::toString)
                            .collect(Collectors.joining(", ", "no node of ", " answered")));
        }
        return ExitCode.OK.code();
    }

    /** The leader may have answered already, under another name of its host. */
    private static boolean isKnown(String address, List<Answer> answers) {
        NodeId leader = new View(answers).leader().orElseThrow().id();
        return answers.stream()
                .anyMatch(answer -> answer.address().toString().equals(address)
                        || answer.status()
                                .filter(status -> status.id().equals(leader))
                                .isPresent());
    }

    private List<Answer> ask(List<HostAndPort> addresses) {
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

    private static Map<String, Object> json(View view) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("leader", view.leader().map(LeaderHint::id).orElse(null));
        json.put("term", view.term());
        json.put("nodes", view.answers().stream().map(StatusCommand::json).toList());
        json.put("silent", view.silent());
        return json;
    }

    private static Map<String, Object> json(Answer answer) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("address", answer.address());
        json.put("reachable", answer.status().isPresent());
        answer.status()
                .ifPresentOrElse(
                        status -> {
                            json.put("cluster", status.clusterId());
                            json.put("id", status.id());
                            json.put("role", nameOf(status));
                            json.put("term", status.term());
                            json.put(
                                    "leader",
                                    status.leader().map(LeaderHint::id).orElse(null));
                            json.put("commitIndex", status.commitIndex());
                            json.put("lastApplied", status.lastApplied());
                            json.put("lastIndex", status.lastIndex());
                        },
                        () -> json.put("reason", answer.failure()));
        return json;
    }

    private static List<String> lines(View view) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("ADDRESS", "NODE", "ROLE", "TERM", "LEADER", "COMMIT", "APPLIED", "LAST"));
        List<String> lines = new ArrayList<>();
        for (Answer answer : view.answers()) {
            answer.status()
                    .ifPresentOrElse(
                            status -> rows.add(row(answer.address(), status)),
                            () -> lines.add("no answer: " + answer.failure()));
        }
        if (rows.size() > 1) {
            lines.addAll(0, Output.table(rows));
        }
        if (!view.silent().isEmpty()) {
            lines.add("not heard of, unreachable or not named by --cluster: "
                    + view.silent().stream().map(NodeId::toString).collect(Collectors.joining(", ")));
        }
        return lines;
    }

    private static List<String> row(HostAndPort address, NodeStatus status) {
        return List.of(
                address.toString(),
                status.id().toString(),
                nameOf(status),
                Long.toString(status.term()),
                status.leader().map(leader -> leader.id().toString()).orElse("-"),
                Long.toString(status.commitIndex()),
                Long.toString(status.lastApplied()),
                Long.toString(status.lastIndex()));
    }

    private static String nameOf(NodeStatus status) {
        return status.role().name().toLowerCase(Locale.ROOT);
    }
}
