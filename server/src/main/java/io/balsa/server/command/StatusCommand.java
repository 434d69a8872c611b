package io.balsa.server.command;

import io.balsa.raft.adapter.HostAndPort;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.Exclusion;
import io.balsa.raft.port.LeaderHint;
import io.balsa.raft.port.NodeStatus;
import io.balsa.server.ExitCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
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

    @Override
    public Integer call() {
        ClusterStatus view = ClusterStatus.ask(cluster);
        output.print(json(view), lines(view));
        view.requireAnyAnswer();
        return ExitCode.OK.code();
    }

    private static Map<String, Object> json(ClusterStatus view) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("leader", view.leader().map(LeaderHint::id).orElse(null));
        json.put("term", view.term());
        json.put("nodes", view.answers().stream().map(StatusCommand::json).toList());
        json.put("silent", view.silent());
        return json;
    }

    private static Map<String, Object> json(ClusterStatus.Answer answer) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("address", answer.address());
        json.put("reachable", answer.status().isPresent());
        answer.status()
                .ifPresentOrElse(
                        status -> {
                            json.put("cluster", status.clusterId());
                            json.put("id", status.id());
                            json.put("role", roleOf(status));
                            json.put("term", status.term());
                            json.put(
                                    "leader",
                                    status.leader().map(LeaderHint::id).orElse(null));
                            json.put("commitIndex", status.commitIndex());
                            json.put("lastApplied", status.lastApplied());
                            json.put("lastIndex", status.lastIndex());
                            json.put("firstIndex", status.firstIndex());
                            json.put("snapshotIndex", status.snapshotIndex());
                            json.put("voters", status.voters());
                            json.put("learners", status.configuration().learners());
                            json.put("joint", status.configuration().isJoint());
                            json.put(
                                    "excluded",
                                    status.exclusion().map(Exclusion::detail).orElse(null));
                        },
                        () -> json.put("reason", answer.failure()));
        return json;
    }

    private static List<String> lines(ClusterStatus view) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("ADDRESS", "NODE", "ROLE", "TERM", "LEADER", "COMMIT", "APPLIED", "LAST", "SNAPSHOT"));
        List<String> lines = new ArrayList<>();
        for (ClusterStatus.Answer answer : view.answers()) {
            answer.status()
                    .ifPresentOrElse(
                            status -> rows.add(row(answer.address(), status)),
                            () -> lines.add("no answer: " + answer.failure()));
        }
        if (rows.size() > 1) {
            lines.addAll(0, Output.table(rows));
            view.statuses().forEach(status -> status.exclusion().ifPresent(why -> lines.add(why.detail())));
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
                roleOf(status),
                Long.toString(status.term()),
                status.leader().map(leader -> leader.id().toString()).orElse("-"),
                Long.toString(status.commitIndex()),
                Long.toString(status.lastApplied()),
                Long.toString(status.lastIndex()),
                Long.toString(status.snapshotIndex()));
    }

    /** What it is in the eyes of the others, if it takes no part any more. */
    private static String roleOf(NodeStatus status) {
        Enum<?> role = status.exclusion().<Enum<?>>map(Exclusion::reason).orElse(status.role());
        return role.name().toLowerCase(Locale.ROOT);
    }
}
