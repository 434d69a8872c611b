package io.balsa.server.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.port.NodeStatus;
import io.balsa.statemachine.session.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;

/** All nodes of a cluster have applied the same, once nothing disturbs them any more. */
public final class Agreement {
    private Agreement() {}

    /**
     * Waits until a write is acknowledged and every node has applied exactly as far as every other.
     *
     * @return the status of each node then
     */
    public static List<NodeStatus> await(JarCluster cluster) {
        Awaitility.await("a write is acknowledged")
                .atMost(JarProcess.PATIENCE)
                .ignoreExceptions()
                .until(() -> write(cluster));
        return Awaitility.await("all nodes have applied the same")
                .atMost(JarProcess.PATIENCE)
                .until(() -> statuses(cluster), Agreement::areEqual);
    }

    private static boolean write(JarCluster cluster) {
        try (Session session = Session.connect(cluster.addresses())) {
            return session.keyValues().put("agreement", "is near") > 0;
        }
    }

    private static List<NodeStatus> statuses(JarCluster cluster) {
        List<NodeStatus> statuses = new ArrayList<>();
        for (String id : cluster.ids()) {
            try (NodeView view = cluster.view(id)) {
                Optional<NodeStatus> status = view.status();
                status.ifPresent(statuses::add);
                status.ifPresent(said -> assertThat(said.id().value()).isEqualTo(id));
            }
        }
        return statuses.size() == cluster.ids().size() ? statuses : List.of();
    }

    private static boolean areEqual(List<NodeStatus> statuses) {
        return !statuses.isEmpty()
                && statuses.stream()
                                .mapToLong(NodeStatus::lastApplied)
                                .distinct()
                                .count()
                        == 1
                && statuses.stream().allMatch(status -> status.lastApplied() == status.commitIndex())
                && statuses.stream().mapToLong(NodeStatus::term).distinct().count() == 1;
    }
}
