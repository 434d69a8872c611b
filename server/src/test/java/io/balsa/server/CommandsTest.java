package io.balsa.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.balsa.server.support.Cli;
import io.balsa.server.support.FreePorts;
import io.balsa.server.support.JarProcess;
import io.balsa.statemachine.node.CoordinationNode;
import io.balsa.statemachine.session.LockGrant;
import io.balsa.statemachine.session.LockInfo;
import io.balsa.statemachine.session.LockRequest;
import io.balsa.statemachine.session.Session;
import io.balsa.statemachine.session.SessionOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The client commands against a cluster of one node in this JVM. Each test has names of its own. */
class CommandsTest {
    private static CoordinationNode node;

    @BeforeAll
    static void startANode() {
        node = CoordinationNode.builder("n1")
                .member("n1", "127.0.0.1:" + FreePorts.next())
                .clusterId("commands")
                .inMemory()
                .start();
        await().atMost(JarProcess.PATIENCE).until(() -> node.status().leader().isPresent());
    }

    @AfterAll
    static void stopTheNode() {
        node.close();
    }

    @Test
    void keyValuesAreWrittenReadAndDeleted() {
        Map<String, Object> put = json("kv", "put", "a", "first");
        Map<String, Object> got = json("kv", "get", "a");
        assertThat(got)
                .containsEntry("key", "a")
                .containsEntry("exists", true)
                .containsEntry("value", "first")
                .containsEntry("revision", put.get("revision"))
                .containsEntry("createRevision", put.get("revision"));
        assertThat(run("kv", "get", "a", "--consistency", "lease").out()).isEqualTo("first\n");
        assertThat(run("kv", "get", "a", "--consistency", "local").out()).isEqualTo("first\n");
        Cli.Result unknown = run("kv", "get", "a", "--consistency", "eventual");
        assertThat(unknown.exitCode()).isEqualTo(2);
        assertThat(unknown.err()).containsIgnoringCase("linearizable").contains("eventual");
        assertThat(run("kv", "delete", "a").out()).isEqualTo("deleted\n");
        assertThat(run("kv", "delete", "a")).isEqualTo(new Cli.Result(94, "", "balsa: 'a' has no value\n"));
        assertThat(run("kv", "get", "a")).isEqualTo(new Cli.Result(94, "", "balsa: 'a' has no value\n"));
        Cli.Result absent = run("kv", "get", "a", "--output", "json");
        assertThat(absent.exitCode()).isEqualTo(94);
        assertThat(absent.json()).containsEntry("exists", false);
    }

    @Test
    void compareAndSetWritesOnlyWhatWasExpected() {
        long first = revision(json("kv", "cas", "b", "1", "--expect-absent"));
        assertThat(run("kv", "cas", "b", "2", "--expect-absent").exitCode()).isEqualTo(95);
        Cli.Result mismatch = run("kv", "cas", "b", "2", "--expect", "other", "--output", "json");
        assertThat(mismatch.exitCode()).isEqualTo(95);
        assertThat(mismatch.json()).containsEntry("value", "1").containsEntry("exists", true);
        long second = revision(json("kv", "cas", "b", "2", "--expect", "1"));
        assertThat(second).isGreaterThan(first);
        assertThat(run("kv", "cas", "b", "3", "--expect-revision", Long.toString(first))
                        .exitCode())
                .isEqualTo(95);
        assertThat(run("kv", "cas", "b", "3", "--expect-revision", Long.toString(second))
                        .exitCode())
                .isZero();
        assertThat(run("kv", "get", "b").out()).isEqualTo("3\n");
        assertThat(run("kv", "cas", "nothing-there", "3", "--expect", "1").err())
                .isEqualTo("balsa: 'nothing-there' has no value\n");
    }

    @Test
    void countersAreReadAddedToAndSet() {
        assertThat(run("counter", "get", "n").out()).isEqualTo("0\n");
        assertThat(json("counter", "get", "n"))
                .containsEntry("name", "n")
                .containsEntry("value", 0)
                .doesNotContainKey("changedIndex");
        assertThat(run("counter", "add", "n").out()).isEqualTo("1\n");
        assertThat(run("counter", "add", "n", "--", "-4").out()).isEqualTo("-3\n");
        assertThat(json("counter", "add", "n", "10"))
                .containsEntry("before", -3)
                .containsEntry("value", 7)
                .containsEntry("applied", true);
        assertThat(run("counter", "set", "n", "9223372036854775807").out()).isEqualTo("9223372036854775807\n");
        Cli.Result overflow = run("counter", "add", "n");
        assertThat(overflow.exitCode()).isEqualTo(90);
        assertThat(overflow.err())
                .startsWith("balsa: add to counter 'n' was refused")
                .contains("64 bits");
        assertThat(json("counter", "get", "n")).containsKey("changedIndex");
        assertThat(run("counter", "set", "n", "0").out()).isEqualTo("0\n");
    }

    @Test
    void theCountOfALatchIsAnotherNumber() {
        assertThat(run("counter", "set", "m", "1", "--latch").out()).isEqualTo("1\n");
        assertThat(run("counter", "get", "m").out()).isEqualTo("0\n");
        assertThat(run("counter", "add", "m", "--latch", "--", "-1").out()).isEqualTo("0\n");
        assertThat(run("counter", "add", "m", "--latch", "--", "-1"))
                .isEqualTo(new Cli.Result(95, "0\n", "balsa: 'm' would be below 0, and is as it was\n"));
    }

    @Test
    void aLockStaysAcquiredUntilItsLeaseIsReleased() {
        Map<String, Object> acquired = json("lock", "acquire", "c", "--ttl", "1m");
        assertThat(run("lock", "acquire", "c", "--ttl", "1m"))
                .isEqualTo(new Cli.Result(92, "", "balsa: lock 'c' was not free\n"));
        Map<String, Object> shown = json("lock", "show", "c");
        assertThat(shown)
                .containsEntry("held", true)
                .containsEntry("token", acquired.get("token"))
                .containsEntry("lease", acquired.get("lease"))
                .containsEntry("waiters", List.of());
        String lease = (String) acquired.get("lease");
        assertThat(run("lock", "show", "c").out()).startsWith("held by balsa-").contains(lease);
        assertThat(run("lock", "release", lease).out()).isEqualTo("released\n");
        assertThat(run("lock", "release", lease))
                .isEqualTo(new Cli.Result(94, "", "balsa: 'c' is not held by this lease, or no longer\n"));
        assertThat(run("lock", "show", "c").out()).isEqualTo("free\n");
        Map<String, Object> again = json("lock", "acquire", "c", "--ttl", "1m", "--wait", "1s");
        assertThat((Long) ((Number) again.get("token")).longValue())
                .isGreaterThan(((Number) acquired.get("token")).longValue());
    }

    @Test
    @SuppressWarnings("unchecked")
    void locksAreListedAndShownWithAllWhoUseThem() {
        Duration ttl = Duration.ofMinutes(5);
        try (Session web = node.openSession(named("web-1"));
                Session batch = node.openSession(named("a-batch-job-whose-name-is-far-too-long-for-a-line"))) {
            LockGrant first =
                    web.locks().acquire(LockRequest.shared("g/rw", ttl)).orElseThrow();
            assertThat(batch.locks().acquire(LockRequest.shared("g/rw", ttl).showing("10.0.0.2:80")))
                    .isPresent();
            CompletableFuture<?> writer =
                    web.locks().acquireAsync(LockRequest.exclusive("g/rw", ttl).waiting(ttl));
            assertThat(web.locks().acquire(LockRequest.permits("g/seats", 2, 3, ttl)))
                    .isPresent();
            CompletableFuture<?> seats = batch.locks()
                    .acquireAsync(LockRequest.permits("g/seats", 2, 3, ttl).waiting(ttl));
            assertThat(batch.locks().acquire(LockRequest.exclusive("g/mutex", ttl)))
                    .isPresent();
            await().atMost(JarProcess.PATIENCE)
                    .until(() -> web.locks().list("g/").stream()
                                    .mapToInt(LockInfo::waiterCount)
                                    .sum()
                            == 2);

            List<String> listed = run("lock", "list", "g/").out().lines().toList();
            assertThat(listed.get(0)).matches("NAME +MODE +SESSION +FOR +TOKEN +WAITING +HOLDER");
            assertThat(listed.get(1)).matches("g/mutex +exclusive +\\d+ .* 0 +a-batch-job.*…");
            assertThat(listed.get(2))
                    .matches("g/rw +shared +" + web.id() + " .* " + first.token() + " +1 +web-1 and 1 more");
            assertThat(listed.get(3)).matches("g/seats +2 of 3 +" + web.id() + " .* 1 +web-1");
            assertThat(listed).hasSize(4).allMatch(line -> line.length() <= 80);
            assertThat(run("lock", "list", "nothing").out().lines()).hasSize(1);
            List<Map<String, Object>> locks =
                    (List<Map<String, Object>>) json("lock", "list", "g/s").get("locks");
            assertThat(locks).singleElement().satisfies(lock -> assertThat(lock)
                    .containsEntry("name", "g/seats")
                    .containsEntry("mode", "permits")
                    .containsEntry("permits", 2)
                    .containsEntry("capacity", 3)
                    .containsEntry("waiterCount", 1));

            List<String> shown = run("lock", "show", "g/rw").out().lines().toList();
            assertThat(shown.get(0)).isEqualTo("shared by 2");
            assertThat(shown.get(1))
                    .matches("held by web-1, session " + web.id() + ", for \\d+ m?s, at most \\d+ (s|min) more");
            assertThat(shown.get(2)).isEqualTo("  token " + first.token() + ", lease " + first.id());
            assertThat(shown.get(5)).isEqualTo("  says 10.0.0.2:80");
            assertThat(shown.get(6))
                    .matches("web-1, session " + web.id() + ", waits to have it alone, for .*, at most .* more");
            assertThat(run("lock", "show", "g/seats").out())
                    .startsWith("2 of 3 permits taken\n")
                    .contains("waits for 2 permits, for");
            Map<String, Object> asJson = json("lock", "show", "g/rw");
            assertThat(asJson).containsEntry("mode", "shared").containsEntry("holderCount", 2);
            assertThat((List<Map<String, Object>>) asJson.get("holders"))
                    .extracting(holder -> holder.get("client"), holder -> holder.get("data"))
                    .containsExactly(
                            tuple("web-1", null),
                            tuple("a-batch-job-whose-name-is-far-too-long-for-a-line", "10.0.0.2:80"));
            assertThat((List<Map<String, Object>>) asJson.get("waiters"))
                    .singleElement()
                    .satisfies(waiter -> assertThat(waiter)
                            .containsEntry("mode", "exclusive")
                            .containsKeys("waitingMillis", "remainingMillis", "session"));
            writer.cancel(false);
            seats.cancel(false);
        }
    }

    private static SessionOptions named(String clientName) {
        return SessionOptions.builder().clientName(clientName).build();
    }

    @Test
    void aLockThatNobodyReleasesIsFreeAfterItsTtl() {
        assertThat(run("lock", "acquire", "d", "--ttl", "200ms").exitCode()).isZero();
        assertThat(run("lock", "acquire", "d", "--ttl", "1m", "--wait", "30s").exitCode())
                .isZero();
    }

    @Test
    void aLockCanBeLeftHeldForALongTime() {
        for (String ttl : List.of("13h", "24h")) {
            Map<String, Object> acquired = json("lock", "acquire", "long", "--ttl", ttl);
            assertThat(run("lock", "release", (String) acquired.get("lease")).exitCode())
                    .isZero();
        }
    }

    @Test
    void aServiceIsRegisteredListedAndDeregistered() {
        Cli.Result registered = run(
                "service",
                "register",
                "web",
                "--id",
                "web-1",
                "--address",
                "10.0.0.7",
                "--port",
                "8080",
                "--meta",
                "zone=a",
                "--meta",
                "rack=12",
                "--version",
                "1.2",
                "--detach",
                "--ttl",
                "1m",
                "--output",
                "json");
        assertThat(registered.exitCode()).as(registered.err()).isZero();
        Map<String, Object> instance = Map.of(
                "name", "web",
                "id", "web-1",
                "address", "10.0.0.7",
                "port", 8080,
                "version", "1.2",
                "status", "healthy",
                "metadata", Map.of("zone", "a", "rack", "12"),
                "registrationIndex", registered.json().get("registrationIndex"));
        assertThat(json("service", "list", "web")).containsEntry("services", List.of(instance));
        assertThat(run("service", "list").out().lines().toList()).satisfies(lines -> {
            assertThat(lines.get(0)).startsWith("NAME  ID     ADDRESS        VERSION  STATUS   METADATA");
            assertThat(lines).anySatisfy(line -> assertThat(line)
                    .startsWith("web   web-1  10.0.0.7:8080  1.2      healthy  rack=12,zone=a"));
        });
        assertThat(run("service", "deregister", "web", "--id", "web-1").out()).isEqualTo("deregistered\n");
        assertThat(run("service", "deregister", "web", "--id", "web-1"))
                .isEqualTo(new Cli.Result(94, "", "balsa: service 'web' has no instance 'web-1'\n"));
        assertThat(json("service", "list", "web")).containsEntry("services", List.of());
    }

    @Test
    void aDetachedServiceVanishesAfterItsTtl() {
        assertThat(run(
                                "service",
                                "register",
                                "brief",
                                "--id",
                                "1",
                                "--address",
                                "h",
                                "--port",
                                "1",
                                "--detach",
                                "--ttl",
                                "200ms")
                        .exitCode())
                .isZero();
        await().atMost(JarProcess.PATIENCE)
                .until(() -> json("service", "list", "brief").get("services").equals(List.of()));
    }

    @Test
    void statusTellsOfEveryNode() {
        Map<String, Object> status = json("status");
        assertThat(status).containsEntry("leader", "n1").containsEntry("silent", List.of());
        assertThat(run("status").out().lines().toList()).satisfies(lines -> assertThat(lines.get(1))
                .matches("127\\.0\\.0\\.1:\\d+ +n1 +leader +\\d+ +n1 +\\d+ +\\d+ +\\d+ +\\d+"));
    }

    @Test
    void statusTellsWhoDoesNotAnswer() {
        String nobody = "127.0.0.1:" + FreePorts.next();
        Cli.Result result = Cli.run("status", "--cluster", node.clientAddress() + "," + nobody, "--timeout", "2s");
        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).contains("no answer: " + nobody);
        Cli.Result none = Cli.run("status", "--cluster", nobody, "--timeout", "2s");
        assertThat(none.exitCode()).isEqualTo(90);
        assertThat(none.err()).isEqualTo("balsa: no node of " + nobody + " answered\n");
    }

    @Test
    void aClusterThatIsNotReachedIsToldInOneLine() {
        String nobody = "127.0.0.1:" + FreePorts.next();
        Cli.Result result = Cli.run("kv", "put", "a", "b", "--cluster", nobody, "--timeout", "300ms");
        assertThat(result.exitCode()).isEqualTo(90);
        assertThat(result.out()).isEmpty();
        assertThat(result.err().lines()).singleElement().asString().startsWith("balsa: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kv                                | balsa: Missing required subcommand",
                "kv gett a                         | balsa: 'gett' is not known here; did you mean get or delete?",
                "kv get                            | balsa: Missing required parameter: 'KEY'",
                "kv cas a b                        | balsa: Error: Missing required argument (specify one of these)",
                "counter                           | balsa: Missing required subcommand",
                "counter set a                     | balsa: Missing required parameter: 'VALUE'",
                "counter set a much                | balsa: Invalid value for positional parameter",
                "lock acquire a                    | balsa: Missing required option: '--ttl=DURATION'",
                "lock acquire a --ttl 10           | balsa: Invalid value for option '--ttl': '10' has no unit",
                "lock acquire a --ttl 0s           | balsa: --ttl: must be at least 1ms",
                "lock acquire a --ttl 25h          | balsa: Invalid value for option '--ttl': '25h' is more than 24h",
                "lock acquire a --ttl 1s --wait 9999999h | balsa: Invalid value for option '--wait': '9999999h' is more than",
                "lock release nonsense             | balsa: a lease id looks like",
                "kv get a --cluster nowhere        | balsa: --cluster: an address has the form host:port",
                "kv get a --timeout 0s             | balsa: --timeout: must be at least 1ms",
                "kv get a --output xml             | balsa: Invalid value for option '--output'",
                "service register a --id 1 --address h --port 70000 --detach | balsa: --port: a port is from 0 to 65535",
            })
    void wrongUseIsToldInOneLine(String line, String expected) {
        Cli.Result result = Cli.run(line.split(" "));
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).startsWith(expected).doesNotContain("\tat ");
        assertThat(result.err().lines().count()).isLessThanOrEqualTo(2);
    }

    @Test
    void outputThatCannotBeWrittenIsAFailure() {
        json("kv", "put", "e", "value");
        for (List<String> command : List.of(
                List.of("kv", "get", "e"), List.of("service", "watch"), List.of("lock", "acquire", "e", "--ttl=1m"))) {
            List<String> arguments = new ArrayList<>(command);
            arguments.add("--cluster=" + node.clientAddress());
            StringWriter err = new StringWriter();
            int exitCode = Balsa.run(
                    new PrintWriter(new FullDisk()), new PrintWriter(err, true), arguments.toArray(String[]::new));
            assertThat(exitCode).as(err.toString()).isEqualTo(1);
            assertThat(err.toString())
                    .isEqualTo("balsa: standard output cannot be written, so a result is not shown\n");
        }
        assertThat(json("lock", "show", "e")).containsEntry("held", false);
    }

    @Test
    void whatTheClusterRefusesIsWrongUse() {
        Cli.Result result = run("kv", "put", "", "value");
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err().lines()).singleElement().asString().startsWith("balsa: ");
    }

    /** Takes nothing. */
    private static final class FullDisk extends Writer {
        @Override
        public void write(char[] characters, int from, int count) throws IOException {
            throw new IOException("No space left on device");
        }

        @Override
        public void flush() {
            // There is never anything to write.
        }

        @Override
        public void close() {
            // There is nothing open.
        }
    }

    private static long revision(Map<String, Object> json) {
        return ((Number) json.get("revision")).longValue();
    }

    private static Map<String, Object> json(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--output", "json"));
        Cli.Result result = run(all.toArray(String[]::new));
        assertThat(result.exitCode()).as(result.err()).isZero();
        return result.json();
    }

    private static Cli.Result run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        int end = all.indexOf("--");
        all.add(end < 0 ? all.size() : end, "--cluster=" + node.clientAddress());
        return Cli.run(all);
    }
}
