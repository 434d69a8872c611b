package io.balsa.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.balsa.server.support.Repository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher, in a project of its own, with a java and a mvn that only tell what they were asked. */
class LauncherTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String JAVA =
            """
            #!/bin/sh
            case "$*" in
                *-version*) echo "    java.specification.version = ${FAKE_JAVA_VERSION:-17}" >&2 ;;
                *) for word in "$@"; do echo "$word"; done ;;
            esac
            """;

    private static final String MAVEN =
            """
            #!/bin/sh
            echo "$*" >>"$FAKE_LOG"
            echo "what maven has to say"
            test -z "${FAKE_MAVEN_FAILS:-}" || exit 1
            while test -e "$FAKE_LOG.hold"; do sleep 0.05; done
            case $* in
                *'-pl bench'*) echo jar >bench/target/benchmarks.jar ;;
                *) echo jar >server/target/balsa.jar ;;
            esac
            """;

    /** What the launcher uses of the system; nothing else is to be found. */
    private static final List<String> SYSTEM_TOOLS = List.of(
            "sh", "cat", "sed", "find", "head", "dirname", "readlink", "mkdir", "rm", "sleep", "touch", "flock");

    @TempDir
    private Path directory;

    private Path root;
    private Path tools;
    private Path log;
    private Path jar;
    private Path source;
    private final Map<String, String> environment = new TreeMap<>();

    private record Result(int exitCode, String out, String err) {}

    @BeforeEach
    void makeAProject() throws IOException {
        root = Files.createDirectory(directory.toRealPath().resolve("a project"));
        tools = Files.createDirectory(directory.resolve("tools"));
        log = directory.resolve("mvn.log");
        jar = root.resolve("server/target/balsa.jar");
        source = root.resolve("raft/src/main/java/Raft.java");
        Files.createDirectories(source.getParent());
        Files.writeString(source, "class Raft {}");
        Files.copy(Repository.file("balsa"), root.resolve("balsa"));
        for (String tool : SYSTEM_TOOLS) {
            for (String place : List.of("/bin", "/usr/bin")) {
                Path original = Path.of(place, tool);
                if (Files.exists(original) && !Files.exists(tools.resolve(tool))) {
                    Files.createSymbolicLink(tools.resolve(tool), original);
                }
            }
        }
        install("java", JAVA);
        install("javac", JAVA);
        install("mvn", MAVEN);
        environment.put("PATH", tools.toString());
        environment.put("FAKE_LOG", log.toString());
    }

    @Test
    void buildsTheJarWhenItIsMissingAndRunsIt() throws Exception {
        Result result = run("serve", "--config", "two words");
        assertThat(result.out).isEqualTo("-jar\n" + jar + "\nserve\n--config\ntwo words\n");
        assertThat(result.err.lines()).singleElement().asString().startsWith("balsa: building server/target/balsa.jar");
        assertThat(result.exitCode).isZero();
        assertThat(builds()).hasSize(1);
    }

    @Test
    void benchHasAJarOfItsOwn() throws Exception {
        Files.createDirectories(root.resolve("bench/src/main/java"));
        Result result = run("bench", "--only", "two words");
        assertThat(result.out)
                .isEqualTo("-Dbalsa.bench.directory=" + root + "/bench/target\n-Dbalsa.bench.server=" + jar + "\n-cp\n"
                        + root
                        + "/bench/target/benchmarks.jar\nio.balsa.bench.command.BenchCommand\n--only\ntwo words\n");
        assertThat(builds()).singleElement().asString().contains("-pl bench -am");

        run("serve");
        run("bench");
        assertThat(builds()).hasSize(2);
        changeInTheFuture("bench/src/main/java/Bench.java");
        run("serve");
        assertThat(builds()).hasSize(2);
        run("bench");
        assertThat(builds()).hasSize(3);
    }

    @Test
    void runsAJarThatIsFresh() throws Exception {
        run("one");
        Result second = run("two");
        assertThat(second.err).isEmpty();
        assertThat(builds()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"raft/src/main/java/Raft.java", "raft/src/main/proto/peer.proto", "pom.xml", "raft/pom.xml"})
    void buildsAgainWhenSomethingIsNewer(String changed) throws Exception {
        run("one");
        changeInTheFuture(changed);
        run("two");
        assertThat(builds()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"raft/src/test/java/RaftTest.java", "raft/target/generated/pom.xml", "README.md"})
    void doesNotBuildAgainForWhatIsNotInTheJar(String changed) throws Exception {
        run("one");
        changeInTheFuture(changed);
        run("two");
        assertThat(builds()).hasSize(1);
    }

    @Test
    void buildsAgainWhenASourceChangedDuringTheBuild() throws Exception {
        Path hold = Files.createFile(directory.resolve("mvn.log.hold"));
        Process first = launch(root.resolve("balsa"), root, "one");
        await().atMost(PATIENCE).until(() -> Files.exists(log));
        Files.writeString(source, "class Raft { int changed; }");
        Files.delete(hold);
        assertThat(end(first).exitCode).isZero();
        run("two");
        assertThat(builds()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void buildsOnceWhenStartedTwiceAtOnce(boolean withFlock) throws Exception {
        if (!withFlock) {
            Files.deleteIfExists(tools.resolve("flock"));
        }
        Path hold = Files.createFile(directory.resolve("mvn.log.hold"));
        Process first = launch(root.resolve("balsa"), root, "one");
        await().atMost(PATIENCE).until(() -> Files.exists(log));
        Process second = launch(root.resolve("balsa"), root, "two");
        Files.delete(hold);
        assertThat(end(first).out).endsWith("one\n");
        assertThat(end(second).out).endsWith("two\n");
        assertThat(builds()).hasSize(1);
    }

    @Test
    void takesALockOverFromALauncherThatWasKilled() throws Exception {
        Files.deleteIfExists(tools.resolve("flock"));
        Path lock = Files.createDirectories(root.resolve("server/target/balsa-build.lock.d"));
        Process ended = new ProcessBuilder("true").start();
        assertThat(ended.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        Files.writeString(lock.resolve("pid"), Long.toString(ended.pid()));
        assertThat(run("one").exitCode).isZero();
        assertThat(lock).doesNotExist();
    }

    @Test
    void showsTheLogOfABuildThatFailsAndRunsNothing() throws Exception {
        environment.put("FAKE_MAVEN_FAILS", "yes");
        Result result = run("one");
        assertThat(result.exitCode).isEqualTo(1);
        assertThat(result.out).isEmpty();
        assertThat(result.err).contains("what maven has to say", "balsa: the build failed");
    }

    @Test
    void findsItselfThroughLinksAndFromAnywhere() throws Exception {
        Path bin = Files.createDirectory(directory.resolve("bin"));
        Path absolute = Files.createSymbolicLink(bin.resolve("absolute"), root.resolve("balsa"));
        Path relative = Files.createSymbolicLink(bin.resolve("relative"), Path.of("absolute"));
        for (Path link : List.of(absolute, relative)) {
            assertThat(end(launch(link, bin, "status")).out).endsWith("-jar\n" + jar + "\nstatus\n");
        }
    }

    @Test
    void handsOptionsToJava() throws Exception {
        environment.put("BALSA_JAVA_OPTS", "-Xmx64m -Dname=value");
        assertThat(run("status").out).contains("-Xmx64m\n-Dname=value\n-jar\n");
    }

    @Test
    void prefersTheJavaOfJavaHome() throws Exception {
        Path home = Files.createDirectories(directory.resolve("jdk/bin")).getParent();
        Files.move(tools.resolve("java"), home.resolve("bin/java"));
        Files.move(tools.resolve("javac"), home.resolve("bin/javac"));
        environment.put("JAVA_HOME", home.toString());
        assertThat(run("status").exitCode).isZero();
    }

    @Test
    void saysWhatToInstallWithoutJava() throws Exception {
        Files.delete(tools.resolve("java"));
        assertMissing("balsa: no Java found; Balsa needs a JDK, 17 or later", "openjdk-17-jdk-headless", "openjdk@17");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.8", "11", "16"})
    void saysWhatToInstallInsteadOfAnOldJava(String version) throws Exception {
        environment.put("FAKE_JAVA_VERSION", version);
        assertMissing(
                "is Java " + version + "; Balsa needs a JDK, 17 or later", "openjdk-17-jdk-headless", "openjdk@17");
    }

    @ParameterizedTest
    @CsvSource({"17, false", "21, false", "23, false", "24, true", "25, true", "30, true"})
    void keepsLaterJavaFromWarningOfALibrary(String version, boolean expected) throws Exception {
        environment.put("FAKE_JAVA_VERSION", version);
        Result result = run("serve");
        assertThat(result.exitCode).isZero();
        assertThat(result.out.contains("--sun-misc-unsafe-memory-access=allow")).isEqualTo(expected);
    }

    @Test
    void startsClientsQuickly() throws Exception {
        assertThat(run("kv", "get", "a").out).startsWith("-XX:TieredStopAtLevel=1\n");
        assertThat(run("serve").out).doesNotContain("-XX:");
    }

    @Test
    void saysWhatToInstallWithoutACompiler() throws Exception {
        Files.delete(tools.resolve("javac"));
        assertMissing("is a JRE; a JDK, 17 or later, is needed", "openjdk-17-jdk-headless", "openjdk@17");
    }

    @Test
    void saysWhatToInstallWithoutMaven() throws Exception {
        Files.delete(tools.resolve("mvn"));
        assertMissing("balsa: no Maven found", "apt-get install maven", "brew install maven");
    }

    @Test
    void needsNoMavenForAJarThatIsFresh() throws Exception {
        run("one");
        Files.delete(tools.resolve("mvn"));
        assertThat(run("two").exitCode).isZero();
    }

    private void assertMissing(String... hints) throws Exception {
        Result result = run("status");
        assertThat(result.exitCode).isEqualTo(1);
        assertThat(result.out).isEmpty();
        assertThat(result.err).contains(hints);
    }

    private void install(String name, String script) throws IOException {
        Path tool = Files.writeString(tools.resolve(name), script);
        Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void changeInTheFuture(String file) throws IOException {
        Path changed = root.resolve(file);
        Files.createDirectories(changed.getParent());
        Files.writeString(changed, "changed");
        Files.setLastModifiedTime(changed, FileTime.from(Instant.now().plusSeconds(3)));
    }

    private List<String> builds() throws IOException {
        return Files.exists(log) ? Files.readAllLines(log) : List.of();
    }

    private Result run(String... arguments) throws Exception {
        return end(launch(root.resolve("balsa"), directory, arguments));
    }

    private Process launch(Path launcher, Path workingDirectory, String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(launcher.toString()).directory(workingDirectory.toFile());
        builder.command().addAll(List.of(arguments));
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** What the launcher prints is short, so it never waits for us to read it. */
    private static Result end(Process process) throws Exception {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.exitValue(), out, err);
    }
}
