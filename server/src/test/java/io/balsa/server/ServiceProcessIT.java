package io.balsa.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.server.support.Cli;
import io.balsa.server.support.JarCluster;
import io.balsa.server.support.JarProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code service register} and {@code service watch} as processes that stay. */
class ServiceProcessIT {
    @TempDir
    private static Path clusterDirectory;

    private static JarCluster cluster;

    @TempDir
    private Path directory;

    @BeforeAll
    static void startTheCluster() {
        cluster = JarCluster.start(clusterDirectory, 1);
    }

    @AfterAll
    static void stopTheCluster() {
        cluster.close();
    }

    @Test
    void anInstanceIsRegisteredUntilItsProcessIsToldToStop() {
        try (JarProcess process = register("a")) {
            process.awaitLine(line -> line.startsWith("registered at index "));
            assertThat(instances("a")).hasSize(1);
            JarProcess.Result result = process.terminate();
            assertThat(result.exitCode()).as(result.err()).isZero();
            assertThat(instances("a")).isEmpty();
        }
    }

    @Test
    void anInstanceWhoseSessionWasLostIsRegisteredAgain() {
        try (JarProcess watch = watch("b")) {
            watch.awaitLine(line -> line.contains("\"event\":\"list\""));
            try (JarProcess process = register("b", "--ttl", "3s")) {
                watch.awaitLine(line -> line.contains("\"event\":\"registered\""));
                process.signal("STOP");
                String expired = watch.awaitLine(line -> line.contains("\"event\":\"expired\""));
                process.signal("CONT");
                watch.awaitLine(line -> line.contains("\"event\":\"registered\"") && index(line) > index(expired));
            }
        }
    }

    @Test
    @Tag("case-81")
    void aWatchTellsEveryChangeAndGoesOnFromAnIndex() {
        String index;
        try (JarProcess watch = watch("c")) {
            watch.awaitLine(line -> line.contains("\"event\":\"list\""));
            detached("c", "1");
            index = Cli.parseJson(watch.awaitLine(line -> line.contains("\"event\":\"registered\"")))
                    .get("resumeFrom")
                    .toString();
            detached("c", "1");
            watch.awaitLine(line -> line.contains("\"event\":\"updated\""));
            JarProcess.Result result = watch.terminate();
            assertThat(result.exitCode()).as(result.err()).isZero();
        }
        assertThat(cluster.cli("service", "deregister", "c", "--id", "1").exitCode())
                .isZero();
        try (JarProcess again = watch("c", "--from", index)) {
            again.awaitLine(line -> line.contains("\"event\":\"deregistered\""));
            assertThat(again.terminate().out().lines())
                    .map(line -> Cli.parseJson(line).get("event"))
                    .containsExactly("registered", "updated", "deregistered");
        }
    }

    private static long index(String event) {
        return ((Number) Cli.parseJson(event).get("index")).longValue();
    }

    private JarProcess register(String name, String... more) {
        return start(List.of("service", "register", name, "--id", "1", "--address", "h", "--port", "1"), more);
    }

    private JarProcess watch(String name, String... more) {
        return start(List.of("service", "watch", name, "--output", "json"), more);
    }

    private JarProcess start(List<String> arguments, String... more) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of(more));
        return JarProcess.start(directory, Map.of("BALSA_CLUSTER", cluster.addresses()), all);
    }

    private static void detached(String name, String id) {
        Cli.Result result = cluster.cli(
                "service", "register", name, "--id", id, "--address", "h", "--port", "1", "--detach", "--ttl", "1m");
        assertThat(result.exitCode()).as(result.err()).isZero();
    }

    private static List<?> instances(String name) {
        return (List<?>)
                cluster.cli("service", "list", name, "--output", "json").json().get("services");
    }
}
