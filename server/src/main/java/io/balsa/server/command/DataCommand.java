package io.balsa.server.command;

import io.balsa.raft.adapter.DataDirectory;
import io.balsa.raft.adapter.DataDirectoryException;
import io.balsa.raft.adapter.StoppedNode;
import io.balsa.server.CommandFailure;
import io.balsa.server.ExitCode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code data}: looks after the data directory of a stopped node. */
@Command(
        name = "data",
        description = "Gives up the data of a stopped node.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {DataCommand.Discard.class})
public final class DataCommand {
    /** {@code data discard}. */
    @Command(
            name = "discard",
            description = {
                "Gives up the data of a stopped node whose log or snapshot is damaged, so that the machine can join again, "
                        + "under a new id, and get everything from the others.",
                "Deletes nothing: the directory is moved aside, to DIR.discarded-N.",
                "Only do so while a majority of the other members has its data."
            })
    static final class Discard implements Callable<Integer> {
        @Mixin
        private StoppedNodeData data;

        @Option(names = "--yes", description = "Yes, do so. Without it, nothing is done.")
        private boolean confirmed;

        @Mixin
        private Output output;

        @Override
        public Integer call() {
            try (StoppedNode node = data.open()) {
                Optional<DataDirectory.Identity> identity = node.identity();
                String who = identity.map(DataDirectory.Identity::nodeId).orElse("OLD-ID");
                if (!confirmed) {
                    throw new CommandFailure(
                            ExitCode.USAGE,
                            "node " + who
                                    + " would forget what it acknowledged and how it voted, and its id must not be "
                                    + "used again; if that is what you want, say --yes");
                }
                Path target = node.discard();
                output.print(json(identity, target), lines(who, target));
                return ExitCode.OK.code();
            } catch (DataDirectoryException e) {
                throw StoppedNodeData.failure(e);
            }
        }

        private static Map<String, Object> json(Optional<DataDirectory.Identity> identity, Path target) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("event", "discarded");
            json.put("cluster", identity.map(DataDirectory.Identity::clusterId).orElse(null));
            json.put("node", identity.map(DataDirectory.Identity::nodeId).orElse(null));
            json.put("movedTo", target.toString());
            return json;
        }

        private static List<String> lines(String who, Path target) {
            return List.of(
                    "The data now lies in " + target + "; delete it when you do not need it any more.",
                    "Node " + who
                            + " must not come back under this id; the machine joins under a new one. In its configuration,"
                            + " set node.id to NEW-ID, cluster.join to true, and NEW-ID in the place of " + who
                            + " under nodes; start it with balsa serve. Then, against a running node of the cluster:",
                    "  balsa member add NEW-ID HOST:PORT",
                    "  balsa member replace " + who + " NEW-ID");
        }
    }
}
