package io.balsa.server.command;

import io.balsa.raft.adapter.DataDirectoryException;
import io.balsa.raft.node.CompactionPolicy;
import io.balsa.raft.port.DiskFullException;
import io.balsa.raft.port.StorageException;
import io.balsa.server.CommandFailure;
import io.balsa.server.ExitCode;
import io.balsa.server.config.ServerConfig;
import io.balsa.statemachine.node.CoordinationNode;
import java.net.SocketException;
import java.util.Optional;

/** Starts the node that a configuration describes, and says in one line why it does not start. */
final class NodeStart {
    private NodeStart() {}

    /**
     * Starts a node.
     *
     * @throws CommandFailure if it does not start for a reason that its user can mend
     */
    static CoordinationNode start(ServerConfig config) {
        CoordinationNode.Builder builder = CoordinationNode.builder(
                        config.nodeId().value())
                .clusterId(config.clusterId())
                .dataDirectory(config.dataDirectory())
                .listenHost(config.bindAddress())
                .clientHost(config.clientAddress())
                .clientPort(config.clientPort())
                .heartbeatInterval(config.heartbeatInterval())
                .electionTimeout(config.electionTimeout())
                .rpcTimeout(config.rpcTimeout())
                .electionPriority(config.raft().electionPriority())
                .maxClockDriftPercent(config.raft().maxClockDriftPercent())
                .handoverTimeout(config.raft().handoverTimeout())
                .logStorage(config.logStorage())
                .compaction(new CompactionPolicy(
                        config.snapshots().logBytes(),
                        config.snapshots().logEntries(),
                        config.snapshots().keptEntries()))
                .maxSnapshotBytesPerSecond(config.snapshots().maxTransferRate());
        if (config.join()) {
            builder.join();
        }
        for (ServerConfig.Member member : config.nodes()) {
            builder.member(member.id().value(), member.endpoint());
        }
        try {
            return builder.start();
        } catch (RuntimeException e) {
            throw failureOf(e).orElseThrow(() -> e);
        }
    }

    private static Optional<CommandFailure> failureOf(RuntimeException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            Optional<ExitCode> code = codeOf(cause);
            if (code.isPresent()) {
                String next = cause instanceof StorageException && !(cause instanceof DiskFullException)
                        ? "; balsa log verify and balsa snapshot verify look through all of the data,"
                                + " balsa data discard gives it up, so that the machine can join the cluster anew"
                        : "";
                return Optional.of(new CommandFailure(code.get(), failure.getMessage() + next, failure));
            }
        }
        return Optional.empty();
    }

    private static Optional<ExitCode> codeOf(Throwable cause) {
        if (cause instanceof SocketException) {
            return Optional.of(ExitCode.CANNOT_LISTEN);
        } else if (cause instanceof DataDirectoryException directory) {
            return Optional.of(codeOf(directory.reason()));
        } else if (cause instanceof StorageException) {
            return Optional.of(ExitCode.DATA_DIRECTORY_DAMAGED);
        }
        return Optional.empty();
    }

    static ExitCode codeOf(DataDirectoryException.Reason reason) {
        return switch (reason) {
            case IN_USE -> ExitCode.DATA_DIRECTORY_IN_USE;
            case OTHER_CLUSTER, OTHER_NODE, OTHER_LOG -> ExitCode.DATA_DIRECTORY_FOREIGN;
            case DAMAGED, NOT_WRITABLE -> ExitCode.DATA_DIRECTORY_DAMAGED;
        };
    }
}
