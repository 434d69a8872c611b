package io.balsa.bench.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.balsa.bench.SmokeRun;
import io.balsa.statemachine.node.CoordinationNode;
import io.balsa.statemachine.session.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark of a cluster runs, and its servers end with it; what the figures are is not a test's business. */
class ClusterTest {
    @TempDir
    private Path jars;

    @TempDir
    private Path directory;

    @BeforeEach
    void nameTheJar() throws IOException {
        ServerJar.name(jars);
    }

    @AfterEach
    void forgetTheJar() {
        ServerJar.forget();
    }

    @Test
    void sessionsLockAtThreeServers() throws Exception {
        SmokeRun.of(ClusterBenchmark.class, ".*", directory)
                .with("operation", "LOCK")
                .with("outstanding", "16")
                .run();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void eachOperationSucceeds() throws Exception {
        try (CoordinationNode node = CoordinationNode.builder("n1")
                        .member("n1", "127.0.0.1:0")
                        .inMemory()
                        .start();
                Session session = node.openSession()) {
            for (Operation operation : Operation.values()) {
                assertThat(operation.start(session, 1)).as("%s", operation).succeedsWithin(30, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void aServerEndsWhenNobodyHoldsTheOtherEndOfItsInput() throws Exception {
        ServerProcess server = ServerProcess.start(List.of("sleep", "600"), directory.resolve("log"));
        List<ProcessHandle> processes = await().until(server::processes, started -> !started.isEmpty());
        server.close();
        assertThat(processes).noneMatch(ProcessHandle::isAlive);
    }

    @Test
    void withoutAJarItIsSaidWhatIsMissing() {
        System.setProperty(ServerCluster.JAR_PROPERTY, jars.resolve("none.jar").toString());
        assertThatThrownBy(() -> ServerCluster.start(directory))
                .hasMessageContaining("there is no jar of the server at")
                .hasMessageContaining("build it");
        System.clearProperty(ServerCluster.JAR_PROPERTY);
        assertThatThrownBy(() -> ServerCluster.start(directory)).hasMessageContaining("use './balsa bench'");
    }
}
