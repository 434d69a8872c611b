package io.balsa.server.command;

import io.balsa.raft.core.NodeId;
import io.balsa.server.CommandFailure;
import io.balsa.server.ExitCode;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
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
            new Administration(cluster).perform((client, timeout) -> client.transferLeadership(to, timeout));
            output.print(Map.of("done", true), to.map(id -> id + " leads now").orElse("another node leads now"));
            return ExitCode.OK.code();
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
