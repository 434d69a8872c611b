package io.balsa.raft.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.Exclusion;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** When a server knows that it takes no part in its group any more. */
class StandingTest {
    private static final NodeId N1 = NodeId.of("n1");
    private static final NodeId N2 = NodeId.of("n2");
    private static final NodeId N3 = NodeId.of("n3");

    private final List<Exclusion> told = new ArrayList<>();
    private final Standing standing = new Standing(N3, "orders", told::add);

    @Test
    @Tag("case-47")
    void aCommittedRemovalIsToldOnceWithTheWayOut() {
        standing.observe(false);
        assertThat(standing.exclusion()).isEmpty();
        standing.observe(true);
        standing.observe(true);
        standing.refused(N1, Exclusion.Reason.REMOVED, "removed");
        standing.refused(N2, Exclusion.Reason.REMOVED, "removed");
        assertThat(told).singleElement().satisfies(exclusion -> {
            assertThat(exclusion.reason()).isEqualTo(Exclusion.Reason.REMOVED);
            assertThat(exclusion.detail())
                    .startsWith("node n3 was removed from cluster 'orders'")
                    .contains("stop this node")
                    .endsWith("balsa member add");
        });
        assertThat(standing.exclusion()).contains(told.get(0));
    }

    @Test
    @Tag("case-38")
    void aWipedNodeIsToldOnceHoweverOftenAndByWhomItIsRefused() {
        for (int attempt = 0; attempt < 3; attempt++) {
            standing.refused(N1, Exclusion.Reason.REFUSED, "another directory");
            standing.refused(N2, Exclusion.Reason.REFUSED, "another directory");
        }
        assertThat(told).singleElement().satisfies(exclusion -> {
            assertThat(exclusion.reason()).isEqualTo(Exclusion.Reason.REFUSED);
            assertThat(exclusion.detail()).contains("wiped, copied or exchanged", "balsa member remove n3");
        });
    }

    @Test
    void whomSomebodyLetsInTakesPart() {
        standing.welcome(N2);
        standing.refused(N1, Exclusion.Reason.REFUSED, "another directory");
        assertThat(told).isEmpty();
        standing.refused(N2, Exclusion.Reason.REMOVED, "removed");
        assertThat(told).extracting(Exclusion::reason).containsExactly(Exclusion.Reason.REMOVED);
        // A removal that was never committed is taken back.
        standing.welcome(N2);
        assertThat(standing.exclusion()).isEmpty();
    }
}
