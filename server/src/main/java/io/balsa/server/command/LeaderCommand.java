package io.balsa.server.command;

import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.LeaderHint;
import io.balsa.server.CommandFailure;
import io.balsa.server.ExitCode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code leader}: who leads, and how that changes. */
@Command(
        name = "leader",
        description = "Hands the leadership from node to node.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = LeaderCommand.Transfer.class)
public final class LeaderCommand {
    private LeaderCommand() {}

    @Command(
            name = "transfer",
            description = {
                "Has the leader hand over to another voter, without the pause of an election.",
                "If the other does not take over within an election timeout, the leader goes on leading."
            })
    static final class Transfer implements Callable<Integer> {
        private static final long PAUSE_MILLIS = 50;

        @Option(
                names = "--to",
                paramLabel = "ID",
                description = "Who shall lead. Otherwise the voter whose log reaches furthest.")
        private String target;

        @Mixin
        private Cluster cluster;

        @Mixin
        private Output output;

        @Override
        public Integer call() {
            Optional<NodeId> to = Optional.ofNullable(target).map(Transfer::nodeId);
            long endNanos = System.nanoTime() + cluster.timeout().toNanos();
            long termBefore = ClusterStatus.ask(cluster).term();
            new Administration(cluster).perform((client, timeout) -> client.transferLeadership(to, timeout));
            Optional<NodeId> leader = awaitLeader(to, termBefore, endNanos);
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("done", true);
            json.put("leader", leader.orElse(null));
            output.print(json, line(to, leader));
            return ExitCode.OK.code();
        }

        /** The old leader has given up as soon as another stands for election; that one leads a moment later. */
        private Optional<NodeId> awaitLeader(Optional<NodeId> wanted, long termBefore, long endNanos) {
            while (true) {
                ClusterStatus view = ClusterStatus.ask(cluster);
                Optional<NodeId> leader = view.leader().map(LeaderHint::id);
                // Whoever led already is handed nothing: then the term stays.
                boolean settled = leader.isPresent() && (view.term() > termBefore || leader.equals(wanted));
                if (settled) {
                    return leader;
                } else if (endNanos - System.nanoTime() <= TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS)) {
                    return Optional.empty();
                }
                CompletableFuture.runAsync(
                                () -> {}, CompletableFuture.delayedExecutor(PAUSE_MILLIS, TimeUnit.MILLISECONDS))
                        .join();
            }
        }

        private static String line(Optional<NodeId> wanted, Optional<NodeId> leader) {
            if (leader.isEmpty()) {
                return "the leader has handed over; who leads now is not known yet: balsa status";
            }
            boolean asWanted = wanted.isEmpty() || wanted.equals(leader);
            return leader.get() + " leads now" + (asWanted ? "" : ", not " + wanted.get());
        }

        private static NodeId nodeId(String id) {
            try {
                return NodeId.of(id);
            } catch (IllegalArgumentException wrong) {
                throw new CommandFailure(ExitCode.USAGE, "--to: " + wrong.getMessage(), wrong);
            }
        }
    }
}
