package io.balsa.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.balsa.server.support.Cli;
import io.balsa.server.support.JarCluster;
import io.balsa.server.support.JarProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code lock run} as a process, with real commands and signals. */
class LockRunIT {
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
    void theCommandHoldsTheLockAndGivesTheExitCode() {
        JarProcess.Result result = lockRun(
                        "a", "10s", "echo \"token=$BALSA_LOCK_TOKEN name=$BALSA_LOCK_NAME\"; echo oops >&2; exit 7")
                .awaitEnd();
        assertThat(result.exitCode()).as(result.err()).isEqualTo(7);
        assertThat(result.out()).matches("token=[1-9]\\d* name=a\\R");
        assertThat(result.err()).isEqualTo("oops\n");
        assertThat(isHeld("a")).isFalse();
    }

    @Test
    void tokensGrowFromOneRunToTheNext() {
        long first = Long.parseLong(
                lockRun("b", "10s", "echo $BALSA_LOCK_TOKEN").awaitEnd().out().strip());
        long second = Long.parseLong(
                lockRun("b", "10s", "echo $BALSA_LOCK_TOKEN").awaitEnd().out().strip());
        assertThat(second).isGreaterThan(first);
    }

    @Test
    void aLockThatIsHeldIsNotAcquired() {
        try (JarProcess holder = lockRun("c", "10s", "echo holding; exec tail -f /dev/null")) {
            holder.awaitLine("holding"::equals);
            JarProcess.Result result = lockRun("c", "10s", "echo never").awaitEnd();
            assertThat(result.exitCode()).isEqualTo(92);
            assertThat(result.out()).isEmpty();
            assertThat(result.err()).isEqualTo("balsa: lock 'c' was not free\n");
        }
    }

    @Test
    void theLockIsRenewedWhileTheCommandRuns() {
        try (JarProcess holder = lockRun("d", "3s", "echo holding; exec tail -f /dev/null")) {
            holder.awaitLine("holding"::equals);
            // Waits twice as long as the holder's lock lives without renewal, and that long enough for a busy machine.
            Cli.Result other = cluster.cli("lock", "acquire", "d", "--ttl", "10s", "--wait", "6s");
            assertThat(other.exitCode()).as(other.err()).isEqualTo(92);
            assertThat(holder.isAlive()).isTrue();
        }
    }

    @Test
    @Tag("case-75")
    void whenTheLockIsLostTheCommandAndWhatItStartedAreEnded() {
        try (JarProcess holder = lockRun(
                "e",
                "5s",
                "tail -f /dev/null & echo child=$!; echo self=$$; trap '' TERM; wait; while :; do wait; done")) {
            long child = pid(holder, "child=");
            long self = pid(holder, "self=");
            assertThat(cluster.cli("lock", "release", lease("e")).exitCode()).isZero();
            JarProcess.Result result = holder.awaitEnd();
            assertThat(result.exitCode()).as(result.err()).isEqualTo(93);
            assertThat(result.err()).contains("balsa: lock 'e' was lost; ending the command");
            awaitEnd(child);
            awaitEnd(self);
        }
    }

    @Test
    @Tag("case-75")
    void aHolderThatWasPausedTooLongFindsItsLockLost() {
        try (JarProcess holder = lockRun("f", "3s", "echo holding; exec tail -f /dev/null")) {
            holder.awaitLine("holding"::equals);
            long firstToken = token("f");
            holder.signal("STOP");
            Cli.Result next = cluster.cli("lock", "acquire", "f", "--ttl", "1m", "--wait", "30s", "--output", "json");
            assertThat(next.exitCode()).as(next.err()).isZero();
            assertThat(((Number) next.json().get("token")).longValue()).isGreaterThan(firstToken);
            holder.signal("CONT");
            assertThat(holder.awaitEnd().exitCode()).isEqualTo(93);
            // The next holder is not disturbed.
            assertThat(isHeld("f")).isTrue();
        }
    }

    @Test
    @Tag("case-75")
    void aCommandThatEndsByItselfAfterTheLockWasLostDoesNotCountAsDone() throws IOException {
        Path end = directory.resolve("end");
        try (JarProcess holder =
                lockRun("k", "3s", "echo self=$$; while [ ! -e end ]; do sleep 0.1; done; echo ending")) {
            long self = pid(holder, "self=");
            holder.signal("STOP");
            Cli.Result next = cluster.cli("lock", "acquire", "k", "--ttl", "1m", "--wait", "30s");
            assertThat(next.exitCode()).as(next.err()).isZero();
            Files.createFile(end);
            holder.awaitLine("ending"::equals);
            holder.signal("CONT");
            assertThat(holder.awaitEnd().exitCode()).isEqualTo(93);
            awaitEnd(self);
        }
    }

    @Test
    void signalsReachTheCommandWhoseExitCodeCounts() {
        for (String signal : List.of("TERM", "INT")) {
            try (JarProcess holder = lockRun(
                    "g", "10s", "trap 'echo got; exit 9' " + signal + "; echo holding; while :; do sleep 0.1; done")) {
                holder.awaitLine("holding"::equals);
                holder.signal(signal);
                JarProcess.Result result = holder.awaitEnd();
                assertThat(result.exitCode()).as(result.err()).isEqualTo(9);
                assertThat(result.out()).endsWith("got\n");
                assertThat(isHeld("g")).isFalse();
            }
        }
    }

    @Test
    void aCommandThatASignalEndsGivesThatSignalsCode() {
        assertThat(lockRun("h", "10s", "kill -9 $$").awaitEnd().exitCode()).isEqualTo(137);
        assertThat(isHeld("h")).isFalse();
    }

    @Test
    @Tag("case-74")
    void aWaiterThatIsToldToStopNeverRunsItsCommand() {
        String lease = (String) cluster.cli("lock", "acquire", "i", "--ttl", "5m", "--output", "json")
                .json()
                .get("lease");
        try (JarProcess waiter = start("lock", "run", "i", "--ttl", "10s", "--wait", "5m", "--", "echo", "never")) {
            await().atMost(JarProcess.PATIENCE).until(() -> !waiters("i").isEmpty());
            waiter.signal("TERM");
            JarProcess.Result result = waiter.awaitEnd();
            assertThat(result.exitCode()).as(result.err()).isEqualTo(143);
            assertThat(result.out()).isEmpty();
        }
        await().atMost(JarProcess.PATIENCE).until(() -> waiters("i").isEmpty());
        assertThat(cluster.cli("lock", "release", lease).exitCode()).isZero();
        assertThat(isHeld("i")).isFalse();
    }

    @Test
    void aCommandThatIsNotThereLeavesTheLockFree() {
        JarProcess.Result missing = start("lock", "run", "j", "--ttl", "10s", "--", "no-such-command")
                .awaitEnd();
        assertThat(missing.exitCode()).isEqualTo(127);
        assertThat(missing.err()).isEqualTo("balsa: there is no command 'no-such-command'\n");
        JarProcess.Result directoryAsCommand = start("lock", "run", "j", "--ttl", "10s", "--", directory.toString())
                .awaitEnd();
        assertThat(directoryAsCommand.exitCode()).isEqualTo(126);
        assertThat(isHeld("j")).isFalse();
    }

    @Test
    @Tag("case-74")
    void anAcquisitionThatIsToldToStopLeavesNoWaiter() {
        String lease = (String) cluster.cli("lock", "acquire", "l", "--ttl", "5m", "--output", "json")
                .json()
                .get("lease");
        Map.of("INT", 130, "TERM", 143).forEach((signal, exitCode) -> {
            try (JarProcess waiter = start("lock", "acquire", "l", "--ttl", "10m", "--wait", "5m")) {
                await().atMost(JarProcess.PATIENCE).until(() -> !waiters("l").isEmpty());
                waiter.signal(signal);
                JarProcess.Result result = waiter.awaitEnd();
                assertThat(result.exitCode()).as(result.err()).isEqualTo(exitCode);
                assertThat(result.out()).isEmpty();
                assertThat(waiters("l")).isEmpty();
            }
        });
        assertThat(cluster.cli("lock", "release", lease).exitCode()).isZero();
        assertThat(isHeld("l")).isFalse();
    }

    private JarProcess lockRun(String name, String ttl, String script) {
        return start("lock", "run", name, "--ttl", ttl, "--kill-after", "200ms", "--", "sh", "-c", script);
    }

    private JarProcess start(String... arguments) {
        return JarProcess.start(
                directory, Map.of("BALSA_CLUSTER", cluster.addresses()), new ArrayList<>(List.of(arguments)));
    }

    private static long pid(JarProcess process, String prefix) {
        String line = process.awaitLine(printed -> printed.startsWith(prefix));
        return Long.parseLong(line.substring(prefix.length()));
    }

    private static void awaitEnd(long pid) {
        await("the end of " + pid).atMost(JarProcess.PATIENCE).until(() -> ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .isEmpty());
    }

    private static Map<String, Object> show(String name) {
        Cli.Result result = cluster.cli("lock", "show", name, "--output", "json");
        assertThat(result.exitCode()).as(result.err()).isZero();
        return result.json();
    }

    private static boolean isHeld(String name) {
        return (boolean) show(name).get("held");
    }

    private static String lease(String name) {
        return (String) show(name).get("lease");
    }

    private static long token(String name) {
        return ((Number) show(name).get("token")).longValue();
    }

    private static List<?> waiters(String name) {
        return (List<?>) show(name).get("waiters");
    }
}
