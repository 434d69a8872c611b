package io.balsa.server.command;

import io.balsa.raft.adapter.HostAndPort;
import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.MemberProgress;
import io.balsa.raft.core.MembershipChange;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.Role;
import io.balsa.raft.port.LeaderHint;
import io.balsa.raft.port.NodeStatus;
import io.balsa.server.CommandFailure;
import io.balsa.server.DurationFormat;
import io.balsa.server.ExitCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code member}: who belongs to the cluster, and how that changes. */
@Command(
        name = "member",
        description = "Shows and changes who belongs to the cluster.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            MemberCommand.Show.class,
            MemberCommand.Add.class,
            MemberCommand.Promote.class,
            MemberCommand.Remove.class,
            MemberCommand.Replace.class
        })
public final class MemberCommand {
    private MemberCommand() {}

    @Command(
            name = "list",
            description = "Lists the members, and how far the log of each reaches as the leader knows it.")
    static final class Show implements Callable<Integer> {
        @Mixin
        private Cluster cluster;

        @Mixin
        private Output output;

        @Override
        public Integer call() {
            ClusterStatus view = ClusterStatus.ask(cluster);
            view.requireAnyAnswer();
            NodeStatus status = view.best().orElseThrow();
            output.print(json(view, status), lines(view, status));
            return ExitCode.OK.code();
        }
    }

    @Command(
            name = "add",
            description = {
                "Adds a new node, which receives the log and does not vote yet.",
                "The node itself is started with cluster.join: true, before or after. An id that was removed once is refused"
                        + " for ever."
            })
    static final class Add extends Change {
        @Parameters(index = "0", paramLabel = "ID", description = "Its node.id.")
        private String id;

        @Parameters(index = "1", paramLabel = "ADDRESS", description = "HOST:PORT by which the other nodes reach it.")
        private String address;

        @Override
        MembershipChange change() {
            try {
                HostAndPort.parseReachable(address);
            } catch (IllegalArgumentException wrong) {
                throw new CommandFailure(ExitCode.USAGE, "ADDRESS: " + wrong.getMessage(), wrong);
            }
            return new MembershipChange.AddLearner(nodeId(id), address);
        }

        @Override
        String done() {
            return id + " is a learner now; once it has caught up, `balsa member promote " + id + "` lets it vote";
        }
    }

    @Command(
            name = "promote",
            description = "Lets a learner vote. Waits up to --timeout for it to catch up with the leader.")
    static final class Promote extends Change {
        @Parameters(paramLabel = "ID")
        private String id;

        @Override
        MembershipChange change() {
            return new MembershipChange.Promote(nodeId(id));
        }

        @Override
        String done() {
            return id + " votes now";
        }
    }

    @Command(
            name = "remove",
            description = {
                "Removes a node for ever, the leader perhaps, which then hands over.",
                "The node says so, disturbs nobody and waits to be stopped; its id never comes back, so a node in its place"
                        + " gets a new one."
            })
    static final class Remove extends Change {
        @Parameters(paramLabel = "ID")
        private String id;

        @Override
        MembershipChange change() {
            return new MembershipChange.Remove(nodeId(id));
        }

        @Override
        String done() {
            return id + " is no member any more, and may be stopped";
        }
    }

    @Command(
            name = "replace",
            description =
                    "Lets a learner vote in place of a voter, in one step. Waits up to --timeout for it to catch up.")
    static final class Replace extends Change {
        @Parameters(index = "0", paramLabel = "OLD", description = "The voter, which is removed for ever.")
        private String old;

        @Parameters(index = "1", paramLabel = "NEW", description = "The learner.")
        private String replacement;

        @Override
        MembershipChange change() {
            return new MembershipChange.Replace(nodeId(old), nodeId(replacement));
        }

        @Override
        String done() {
            return replacement + " votes now in place of " + old;
        }
    }

    /** What the changes have in common. */
    abstract static class Change implements Callable<Integer> {
        @Mixin
        private Cluster cluster;

        @Mixin
        private Output output;

        abstract MembershipChange change();

        /** What to tell when it is done. */
        abstract String done();

        @Override
        public Integer call() {
            MembershipChange change;
            try {
                change = change();
            } catch (IllegalArgumentException wrong) {
                throw new CommandFailure(ExitCode.USAGE, wrong.getMessage(), wrong);
            }
            new Administration(cluster).perform((client, timeout) -> client.changeMembership(change, timeout));
            output.print(Map.of("done", true), done());
            return ExitCode.OK.code();
        }
    }

    private static NodeId nodeId(String id) {
        return NodeId.of(id);
    }

    private static Map<String, Object> json(ClusterStatus view, NodeStatus status) {
        Configuration configuration = status.configuration();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("leader", view.leader().map(LeaderHint::id).orElse(null));
        json.put("term", view.term());
        json.put("joint", configuration.isJoint());
        json.put(
                "members",
                configuration.members().stream().map(id -> json(id, status)).toList());
        json.put("removed", configuration.removed());
        return json;
    }

    private static Map<String, Object> json(NodeId id, NodeStatus status) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", id);
        json.put("role", roleOf(id, status.configuration()));
        json.put("address", status.configuration().addresses().getOrDefault(id, ""));
        json.put("leader", leads(id, status));
        progressOf(id, status).ifPresent(progress -> {
            json.put("matchIndex", progress.matchIndex());
            json.put("caughtUp", progress.caughtUp());
            json.put("mode", modeOf(progress));
            json.put("silentMillis", progress.silentMillis());
        });
        return json;
    }

    private static List<String> lines(ClusterStatus view, NodeStatus status) {
        Configuration configuration = status.configuration();
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("NODE", "ROLE", "ADDRESS", "STATE", "MATCH", "CAUGHT UP", "SILENT"));
        for (NodeId id : configuration.members()) {
            rows.add(row(id, status));
        }
        List<String> lines = new ArrayList<>(Output.table(rows));
        if (configuration.isJoint()) {
            lines.add("a change of voters is under way");
        }
        if (!configuration.removed().isEmpty()) {
            lines.add("removed for ever: "
                    + configuration.removed().stream().map(NodeId::toString).collect(Collectors.joining(", ")));
        }
        status.exclusion().ifPresent(why -> lines.add(why.detail()));
        if (status.role() != Role.LEADER) {
            lines.add("as " + status.id() + " knows it; "
                    + view.leader()
                            .map(leader -> "the leader, " + leader.id() + ", did not answer")
                            .orElse("there is no leader"));
        }
        return lines;
    }

    private static List<String> row(NodeId id, NodeStatus status) {
        String address = status.configuration().addresses().getOrDefault(id, "-");
        String role = roleOf(id, status.configuration());
        if (leads(id, status)) {
            return List.of(id.toString(), role, address, "leader", Long.toString(status.lastIndex()), "-", "-");
        }
        return progressOf(id, status)
                .map(progress -> List.of(
                        id.toString(),
                        role,
                        address,
                        modeOf(progress),
                        Long.toString(progress.matchIndex()),
                        progress.caughtUp() ? "yes" : "no",
                        DurationFormat.round(Duration.ofMillis(progress.silentMillis()))))
                .orElse(List.of(id.toString(), role, address, "-", "-", "-", "-"));
    }

    private static boolean leads(NodeId id, NodeStatus status) {
        return status.leader().map(LeaderHint::id).equals(Optional.of(id));
    }

    private static Optional<MemberProgress> progressOf(NodeId id, NodeStatus status) {
        return status.progress().stream()
                .filter(progress -> progress.id().equals(id))
                .findFirst();
    }

    private static String modeOf(MemberProgress progress) {
        return progress.mode().toLowerCase(Locale.ROOT);
    }

    private static String roleOf(NodeId id, Configuration configuration) {
        if (configuration.isLearner(id)) {
            return "learner";
        } else if (!configuration.voters().contains(id)) {
            return "leaving";
        } else if (configuration.isJoint() && !configuration.outgoingVoters().contains(id)) {
            return "entering";
        }
        return "voter";
    }
}
