package io.balsa.bench.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.balsa.bench.SmokeRun;
import io.balsa.statemachine.node.CoordinationNode;
import io.balsa.statemachine.session.Session;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark of a cluster runs, and its servers end with it; what the figures are is not a test's business. */
class ClusterTest {
    /** Not on the class path of the tests, whose logging it would set up. */
    private static final String SERVER_CLASSES = "../server/target/classes/";

    @TempDir
    private Path jars;

    @TempDir
    private Path directory;

    @BeforeEach
    void nameTheJar() throws IOException {
        System.setProperty(ServerCluster.JAR_PROPERTY, serverJar().toString());
    }

    @AfterEach
    void forgetTheJar() {
        System.clearProperty(ServerCluster.JAR_PROPERTY);
    }

    /** A jar that only says where the classes are: the real one is made after the tests. */
    private Path serverJar() throws IOException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(Attributes.Name.MAIN_CLASS, "io.balsa.server.Balsa");
        attributes.put(
                Attributes.Name.CLASS_PATH,
                Stream.concat(
                                Stream.of(SERVER_CLASSES),
                                Stream.of(System.getProperty("java.class.path").split(File.pathSeparator)))
                        .map(element -> Path.of(element).toUri().toString())
                        .collect(Collectors.joining(" ")));
        Path jar = jars.resolve("server.jar");
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        return jar;
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
