package io.balsa.server.nemesis;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.server.support.Agreement;
import io.balsa.server.support.FaultyNetwork;
import io.balsa.server.support.JarCluster;
import io.balsa.server.support.NodeView;
import io.balsa.simulation.history.History;
import io.balsa.simulation.history.HistoryWriter;
import io.balsa.simulation.history.KeyValueModel;
import io.balsa.simulation.history.Limits;
import io.balsa.simulation.history.LinearizabilityChecker;
import io.balsa.simulation.history.LockModel;
import io.balsa.simulation.history.Model;
import io.balsa.simulation.history.Operation;
import io.balsa.simulation.history.Verdict;
import io.balsa.statemachine.proto.KeyState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three processes with real disks are killed, stopped and cut off while clients work, and a checker judges what the clients
 * were told.
 *
 * <p>{@code -Dnemesis.seed=N} brings the same disturbances again, in the same order. Time and threads are real, so the
 * interleaving is another one: a replay is approximate. {@code mvn verify -Pnemesis} goes on for {@code -Dnemesis.minutes},
 * five unless set.
 */
class NemesisIT {
    private static final String SEED = "nemesis.seed";
    private static final String MINUTES = "nemesis.minutes";
    private static final Limits LIMITS = Limits.DEFAULT.withTime(Duration.ofMinutes(1));

    private final long seed = Long.getLong(SEED, new Random().nextInt(Integer.MAX_VALUE));
    private final NemesisPlan plan = new NemesisPlan(seed);
    private final NemesisClients clients = new NemesisClients();

    @TempDir
    private Path directory;

    @Test
    @Tag("case-9")
    @Tag("case-57")
    @Tag("case-61")
    @Tag("case-67")
    void whatClientsAreToldIsLinearizableWhateverHappens(TestReporter reporter) throws InterruptedException {
        disturb(plan.essential().iterator(), reporter);
    }

    @Test
    @Tag("nemesis")
    @Tag("case-9")
    @Tag("case-61")
    void whatClientsAreToldIsLinearizableForMinutes(TestReporter reporter) throws InterruptedException {
        long endNanos =
                System.nanoTime() + Duration.ofMinutes(Long.getLong(MINUTES, 5)).toNanos();
        disturb(
                Stream.generate(plan::next)
                        .takeWhile(step -> System.nanoTime() < endNanos)
                        .iterator(),
                reporter);
    }

    private void disturb(Iterator<NemesisPlan.Step> steps, TestReporter reporter) throws InterruptedException {
        reporter.publishEntry(SEED, Long.toString(seed));
        try (JarCluster cluster = JarCluster.of(directory, 3)) {
            FaultyNetwork network = cluster.behindFaultyNetwork();
            cluster.startAll();
            Nemesis nemesis = new Nemesis(cluster, network, clients.failed());
            clients.start(cluster.addresses(), seed);
            try {
                for (int phase = 1; steps.hasNext(); phase++) {
                    clients.enterPhase(phase);
                    nemesis.run(steps.next());
                    // What comes after a disturbance counts as much as what happens during it.
                    clients.awaitWork();
                }
            } finally {
                clients.stop();
            }
            clients.readAll(cluster.addresses());
            assertThat(network.droppedBytes()).as("bytes that were dropped").isPositive();
            assertLinearizable(new KeyValueModel(), clients.keyValueHistory());
            assertLinearizable(new LockModel(), clients.lockHistory());
            assertAllHaveTheSame(cluster);
        }
    }

    private <S> void assertLinearizable(Model<S> model, History history) {
        assertThat(history.operations()).as("what was recorded").anyMatch(Operation::isOk);
        // Also when it is linearizable: other checkers may want to say so themselves.
        Path file = Path.of("target", "nemesis-" + model.name() + "-" + seed + ".jsonl");
        try {
            HistoryWriter.write(history, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Verdict verdict = new LinearizabilityChecker(LIMITS).check(model, history);
        assertThat(verdict.outcome())
                .as(
                        "the history %s%nlook at it: ./balsa history check --model %s %s%n"
                                + "the same disturbances, though not the same interleaving: -D%s=%d",
                        verdict.reason(), model.name(), file.toAbsolutePath(), SEED, seed)
                .isEqualTo(Verdict.Outcome.LINEARIZABLE);
    }

    /** Undisturbed, all nodes come to have applied the same, and hold the same. */
    private void assertAllHaveTheSame(JarCluster cluster) {
        Agreement.await(cluster);
        Map<String, List<KeyState>> contents = new TreeMap<>();
        for (String id : cluster.ids()) {
            try (NodeView view = cluster.view(id)) {
                contents.put(id, clients.keys().stream().map(view::local).toList());
            }
        }
        assertThat(contents.values().stream().distinct())
                .as("what the nodes hold; -D%s=%d", SEED, seed)
                .hasSize(1);
    }
}
