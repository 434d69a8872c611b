package io.balsa.raft.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("case-92")
class RaftOptionsTest {
    @Test
    void theDefaultsAreThoseOfTheDocuments() {
        assertThat(RaftOptions.DEFAULT.heartbeatInterval()).isEqualTo(Duration.ofMillis(100));
        assertThat(RaftOptions.DEFAULT.electionTimeout()).isEqualTo(Duration.ofMillis(500));
        assertThat(RaftOptions.DEFAULT.maxCommandBytes()).isGreaterThan(1 << 20);
    }

    @Test
    void aWrongOptionIsNamed() {
        assertNamed("heartbeatInterval", RaftOptions.builder().heartbeatInterval(Duration.ZERO));
        assertNamed("electionTimeout", RaftOptions.builder().electionTimeout(Duration.ofMillis(150)));
        assertNamed("electionTimeout", RaftOptions.builder().electionTimeout(Duration.ofHours(1)));
        assertNamed("inboxCapacity", RaftOptions.builder().inboxCapacity(0));
        assertNamed("inboxBytes", RaftOptions.builder().inboxBytes(1));
        assertNamed("maxCommandBytes", RaftOptions.builder().maxCommandBytes(0));
        assertNamed("maxPendingProposals", RaftOptions.builder().maxPendingProposals(0));
        assertNamed("maxPendingReads", RaftOptions.builder().maxPendingReads(-1));
        assertNamed("maxUncommittedBytes", RaftOptions.builder().maxUncommittedBytes(10));
    }

    private static void assertNamed(String option, RaftOptions.Builder builder) {
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(option + " ");
    }
}
