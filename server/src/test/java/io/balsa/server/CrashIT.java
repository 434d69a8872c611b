package io.balsa.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.balsa.raft.client.RequestException;
import io.balsa.server.support.JarCluster;
import io.balsa.server.support.JarProcess;
import io.balsa.statemachine.session.KeyValue;
import io.balsa.statemachine.session.LockGrant;
import io.balsa.statemachine.session.Session;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three processes under load that end by SIGKILL: whatever they acknowledged is there afterwards. */
class CrashIT {
    private static final int WRITERS = 4;
    private static final int WRITES_PER_PHASE = 200;
    private static final int TOKENS_PER_PHASE = 20;
    private static final int KILLS_DURING_RECOVERY = 3;
    private static final Duration LONGEST_RECOVERY = Duration.ofMillis(2_500);

    @TempDir
    private Path directory;

    @Test
    @Tag("case-40")
    @Tag("case-67")
    void everyAcknowledgedWriteAndTokenSurvivesTheLeaderAndThenAllThree() throws InterruptedException {
        try (JarCluster cluster = JarCluster.start(directory, 3)) {
            Load load = new Load(cluster.addresses());
            try {
                load.awaitAnotherPhase();

                String leader = cluster.awaitLeader();
                cluster.kill(leader);
                load.awaitAnotherPhase();
                cluster.start(leader);
                load.awaitAnotherPhase();

                cluster.ids().forEach(cluster::kill);
            } finally {
                load.stop();
            }
            cluster.startAll();
            load.verify(cluster.addresses());

            // Once more, with nobody writing: what was recovered was not only in memory. They are killed while they
            // recover as well, each time later.
            cluster.ids().forEach(cluster::kill);
            for (int i = 1; i <= KILLS_DURING_RECOVERY; i++) {
                cluster.ids().forEach(cluster::launch);
                Duration soFar = LONGEST_RECOVERY.multipliedBy(i).dividedBy(KILLS_DURING_RECOVERY);
                assertThat(cluster.node("n1").endsWithin(soFar)).isFalse();
                cluster.ids().forEach(cluster::kill);
            }
            cluster.startAll();
            load.verify(cluster.addresses());
        }
    }

    /** Clients that write keys and take a lock, and remember what was acknowledged. */
    private static final class Load {
        private final Map<String, KeyValue> acknowledged = new ConcurrentHashMap<>();
        private final ConcurrentLinkedQueue<Long> tokens = new ConcurrentLinkedQueue<>();
        private final List<Thread> threads = new ArrayList<>();
        private final ConcurrentLinkedQueue<Throwable> unforeseen = new ConcurrentLinkedQueue<>();
        private volatile boolean stopping;

        Load(String addresses) {
            for (int i = 0; i < WRITERS; i++) {
                String prefix = "writer-" + i + "/";
                start(prefix, () -> write(addresses, prefix));
            }
            start("locker", () -> lock(addresses));
        }

        private void start(String name, Runnable work) {
            Thread thread = new Thread(work, name);
            thread.setUncaughtExceptionHandler((at, failure) -> unforeseen.add(failure));
            threads.add(thread);
            thread.start();
        }

        void awaitAnotherPhase() {
            int writes = acknowledged.size() + WRITES_PER_PHASE;
            int locks = tokens.size() + TOKENS_PER_PHASE;
            await("load is acknowledged")
                    .atMost(JarProcess.PATIENCE)
                    .failFast(() -> assertThat(unforeseen).isEmpty())
                    .until(() -> acknowledged.size() >= writes && tokens.size() >= locks);
        }

        void stop() throws InterruptedException {
            stopping = true;
            for (Thread thread : threads) {
                TimeUnit.MILLISECONDS.timedJoin(thread, JarProcess.PATIENCE.toMillis());
                assertThat(thread.isAlive()).as("%s ends", thread.getName()).isFalse();
            }
            assertThat(unforeseen).isEmpty();
        }

        void verify(String addresses) {
            try (Session session = connect(addresses)) {
                acknowledged.forEach((key, written) -> {
                    Optional<KeyValue> found = session.keyValues().get(key);
                    assertThat(found).as("acknowledged key %s", key).isPresent();
                    assertThat(found.get().value()).as(key).isEqualTo(written.value());
                    assertThat(found.get().revision()).as(key).isEqualTo(written.revision());
                });
                List<Long> inOrder = List.copyOf(tokens);
                assertThat(inOrder).isSorted().doesNotHaveDuplicates();
                LockGrant next = session.locks()
                        .acquire("crash/lock", Duration.ofSeconds(30), Duration.ofSeconds(60))
                        .orElseThrow();
                assertThat(next.token()).isGreaterThan(inOrder.get(inOrder.size() - 1));
                tokens.add(next.token());
                session.locks().release(next.id());
            }
        }

        private void write(String addresses, String prefix) {
            try (Session session = connect(addresses)) {
                for (int i = 0; !stopping; i++) {
                    String key = prefix + i;
                    byte[] value = ("value of " + key).getBytes(StandardCharsets.UTF_8);
                    try {
                        long revision = session.keyValues().put(key, value);
                        acknowledged.put(key, new KeyValue(key, value, revision, revision));
                    } catch (RequestException e) {
                        // Not acknowledged: this key may be there or not.
                    }
                }
            }
        }

        private void lock(String addresses) {
            try (Session session = connect(addresses)) {
                while (!stopping) {
                    try {
                        session.locks()
                                .acquire("crash/lock", Duration.ofSeconds(5), Duration.ofSeconds(5))
                                .ifPresent(grant -> {
                                    tokens.add(grant.token());
                                    session.locks().release(grant.id());
                                });
                    } catch (RequestException e) {
                        // The next one is tried.
                    }
                }
            }
        }

        private static Session connect(String addresses) {
            return Session.connect(addresses);
        }
    }
}
