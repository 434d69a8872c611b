package io.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server of low priority lets others campaign first, and that is all that its priority does. */
class ElectionPriorityTest {
    private static final int LOWEST_PRIORITY = 1;
    private static final long TIMEOUT = CoreCluster.ELECTION_TIMEOUT_MILLIS;
    private static final int SEEDS = 200;

    private static CoreOptions options(CoreOptions usual, int priority, long seed) {
        return new CoreOptions(
                usual.self(),
                usual.initialConfiguration(),
                usual.heartbeatMillis(),
                usual.electionTimeoutMillis(),
                seed,
                usual.maxMessageBytes(),
                usual.maxInflightMessages(),
                usual.maxGatheringMillis(),
                usual.maxUncommittedBytes(),
                usual.maxPendingReads(),
                usual.maxCachedBytes(),
                priority,
                usual.maxClockDriftPercent());
    }

    /** Servers n1, n2, n3 of these priorities. */
    private static CoreCluster start(long seed, int... priorities) {
        List<CoreOptions> options = new ArrayList<>();
        for (CoreOptions usual : CoreCluster.usualOptions(priorities.length)) {
            options.add(options(usual, priorities[options.size()], seed * priorities.length + options.size()));
        }
        CoreCluster cluster = new CoreCluster(options, new ClusterObserver() {});
        cluster.servers().forEach(CoreServer::start);
        return cluster;
    }

    private static CoreServer awaitLeader(CoreCluster cluster) {
        for (int round = 0; cluster.leader().isEmpty(); round++) {
            assertThat(round).isLessThan(1_000);
            cluster.run(10);
        }
        return cluster.leader().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(ints = {LOWEST_PRIORITY, 25, 50, 99, CoreOptions.HIGHEST_PRIORITY})
    void theLowerItIsTheLongerAServerWaits(int priority) {
        long patience = TIMEOUT * (CoreOptions.HIGHEST_PRIORITY - priority) / CoreOptions.HIGHEST_PRIORITY;
        LongSummaryStatistics waits = LongStream.range(0, SEEDS)
                .map(seed -> start(seed, priority, priority, priority)
                        .server("n1")
                        .core()
                        .millisUntilTimeout())
                .summaryStatistics();
        // Still random, within an election timeout.
        assertThat(waits.getMin()).isBetween(TIMEOUT + patience, TIMEOUT + patience + TIMEOUT / 10);
        assertThat(waits.getMax()).isBetween(2 * TIMEOUT + patience - TIMEOUT / 10, 2 * TIMEOUT + patience - 1);
    }

    @Test
    void theOneOfTheHighestPriorityIsElected() {
        for (long seed = 0; seed < SEEDS; seed++) {
            CoreCluster cluster = start(seed, LOWEST_PRIORITY, CoreOptions.HIGHEST_PRIORITY, LOWEST_PRIORITY);
            assertThat(awaitLeader(cluster).id()).as("seed %d", seed).isEqualTo(NodeId.of("n2"));
        }
    }

    @Test
    void whereItIsDownTheOthersAreElectedAllTheSame() {
        for (long seed = 0; seed < SEEDS; seed++) {
            CoreCluster cluster = start(seed, LOWEST_PRIORITY, CoreOptions.HIGHEST_PRIORITY, LOWEST_PRIORITY);
            cluster.isolate(NodeId.of("n2"));
            assertThat(awaitLeader(cluster).id()).as("seed %d", seed).isNotEqualTo(NodeId.of("n2"));
        }
    }

    @Test
    void noPriorityMakesUpForALogThatIsBehind() {
        for (long seed = 0; seed < SEEDS; seed++) {
            CoreCluster cluster = start(seed, LOWEST_PRIORITY, CoreOptions.HIGHEST_PRIORITY, LOWEST_PRIORITY);
            cluster.given("n1", 1, 1, 2);
            cluster.given("n2", 1, 1);
            cluster.given("n3", 1, 1, 2);
            assertThat(awaitLeader(cluster).id()).as("seed %d", seed).isNotEqualTo(NodeId.of("n2"));
        }
    }
}
