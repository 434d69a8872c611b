package io.balsa.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.balsa.bench.replication.ReplicationGroup;
import io.balsa.bench.replication.ReplicationProduct;
import io.balsa.bench.replication.Setting;
import io.balsa.bench.replication.Setting.Durability;
import io.balsa.bench.replication.Setting.Network;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What each peer must do to be measured. */
class PeersTest {

    private static final int COMMANDS = 1_000;
    private static final int OUTSTANDING = 64;
    private static final int NODES = 3;
    private static final long LIMIT_SECONDS = 60;

    /** Threads in static fields, which end with the JVM. */
    private static final Pattern OF_THE_PRODUCTS_FOR_EVER = Pattern.compile(String.join(
            "|",
            // SOFAJRaft's pools for senders and closures, its timer, and Bolt's
            "Append-Entries-Thread-Send.*",
            "JRaft-(Group-Default|Rpc-Closure)-Executor-.*",
            "DefaultTimer.*",
            "(?i)bolt-.*",
            "Rpc-netty-server-worker-.*",
            // Ratis' timers, and what its Netty shares
            "timer\\d+",
            "globalEventExecutor.*",
            // ZooKeeper's senders to followers that were closed first
            "Sender-/.*",
            // the JDK's
            "process reaper",
            "Common-Cleaner",
            "ForkJoinPool.commonPool-.*"));

    @TempDir
    Path directory;

    static Stream<Arguments> settings() {
        return Peers.all().stream().flatMap(product -> Arrays.stream(Durability.values())
                .flatMap(durability -> Arrays.stream(Network.values())
                        .filter(network -> product.supports(setting(durability, network, null)))
                        .map(network -> Arguments.of(product.name(), durability, network))));
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("settings")
    void replicatesCommandsUntilItIsClosed(String name, Durability durability, Network network) throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        ReplicationGroup group = product(name).start(setting(durability, network, directory));
        try (group) {
            AtomicInteger completions = new AtomicInteger();
            AtomicReference<Throwable> failed = new AtomicReference<>();
            Semaphore room = new Semaphore(OUTSTANDING);
            for (int number = 0; number < COMMANDS; number++) {
                assertThat(room.tryAcquire(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
                group.submit(new byte[128], failure -> {
                    completions.incrementAndGet();
                    if (failure != null) {
                        failed.set(failure);
                    }
                    room.release();
                });
            }
            assertThat(room.tryAcquire(OUTSTANDING, LIMIT_SECONDS, TimeUnit.SECONDS))
                    .isTrue();
            assertThat(failed).hasValue(null);
            assertThat(completions).hasValue(COMMANDS);
        }

        await("no thread of " + name + " is left")
                .atMost(LIMIT_SECONDS, TimeUnit.SECONDS)
                .pollInSameThread()
                .untilAsserted(() ->
                        assertThat(threadsStartedSince(before)).allMatch(OF_THE_PRODUCTS_FOR_EVER.asMatchPredicate()));
        CompletableFuture<Throwable> afterwards = new CompletableFuture<>();
        group.submit(new byte[128], afterwards::complete);
        assertThat(afterwards.get(LIMIT_SECONDS, TimeUnit.SECONDS)).hasMessageContaining("closed");
    }

    @Test
    void areNamedDifferentlyAndSayTheirVersionsAndConfigurations() {
        assertThat(Peers.all()).extracting(ReplicationProduct::name).doesNotHaveDuplicates();
        assertThat(Peers.all()).allSatisfy(product -> {
            assertThat(product.version()).matches("\\d+\\.\\d.*");
            assertThat(product.configuration()).isNotBlank();
        });
    }

    private static List<String> threadsStartedSince(Set<Thread> before) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread))
                .map(Thread::getName)
                .toList();
    }

    private static ReplicationProduct product(String name) {
        return Peers.all().stream()
                .filter(product -> product.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Setting setting(Durability durability, Network network, Path directory) {
        return new Setting(NODES, durability, network, directory);
    }
}
