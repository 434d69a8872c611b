package io.balsa.server.command;

import io.balsa.raft.adapter.DataDirectoryException;
import io.balsa.raft.adapter.StoppedNode;
import io.balsa.server.CommandFailure;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option {@code --data}, and the stopped node whose data lies there. */
final class StoppedNodeData {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            required = true,
            description =
                    "The node's data directory (node.data_directory in its configuration). The node must not run.")
    private Path directory;

    /**
     * Opens the directory.
     *
     * @throws CommandFailure if the node runs, or there is none
     */
    StoppedNode open() {
        try {
            return StoppedNode.open(directory);
        } catch (DataDirectoryException e) {
            throw failure(e);
        }
    }

    static CommandFailure failure(DataDirectoryException e) {
        return new CommandFailure(NodeStart.codeOf(e.reason()), e.getMessage(), e);
    }
}
