package io.balsa.raft.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.adapter.DataDirectory;
import io.balsa.raft.adapter.HostAndPort;
import io.balsa.raft.adapter.KnownPeers;
import io.balsa.raft.adapter.NettyGroupTransports;
import io.balsa.raft.adapter.NodeIdentity;
import io.balsa.raft.adapter.SharedGroupLogs;
import io.balsa.raft.adapter.SystemClock;
import io.balsa.raft.adapter.TransportLimits;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.StateMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** README's example of many groups in one process is the one that compiles here. */
class ManyGroupsExampleTest {
    private static final Path SOURCE = Path.of("src/test/java/io/balsa/raft/node/ManyGroupsExampleTest.java");

    @Test
    void readmeShowsWhatCompiles() throws IOException {
        List<String> source = Files.readAllLines(SOURCE);
        List<String> example = source.subList(
                source.indexOf("        // README begins here.") + 1, source.indexOf("        // README ends here."));
        assertThat(example).isNotEmpty();
        assertThat(Files.readAllLines(Path.of("..", "README.md")))
                .containsSequence(
                        example.stream().map(line -> line.substring(8)).toList());
    }

    static void embed(
            NodeIdentity identity,
            Map<NodeId, HostAndPort> peers,
            KnownPeers knownPeers,
            StateMachine stateMachine,
            byte[] command) {
        // README begins here.
        NettyGroupTransports transports = new NettyGroupTransports(
                identity, HostAndPort.parse("0.0.0.0:7101"), peers, TransportLimits.DEFAULT, knownPeers);
        try (DataDirectory place = DataDirectory.open(Path.of("data/logs"), "shop", identity.nodeId());
                SharedGroupLogs logs = SharedGroupLogs.open(place); // all logs in one, so that one sync covers them
                DataDirectory directory = DataDirectory.open(Path.of("data/orders"), "shop", identity.nodeId());
                RaftHost host = new RaftHost(identity.nodeId(), transports, SystemClock.INSTANCE)) {
            RaftNode orders = host.start("orders", node -> node.voters(peers.keySet())
                    .log(directory.openLog(logs, "orders"))
                    .hardState(directory.openHardState())
                    .snapshots(directory.openSnapshots())
                    .stateMachine(stateMachine));
            orders.propose(command).join(); // and so on with further groups, each with a data directory of its own
            host.stop("orders"); // the other groups don't notice
        }
        // README ends here.
    }
}
