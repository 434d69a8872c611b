package io.balsa.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.balsa.raft.core.Role;
import io.balsa.server.support.Cli;
import io.balsa.server.support.FreePorts;
import io.balsa.server.support.JarProcess;
import io.balsa.statemachine.node.CoordinationNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A cluster in this JVM grows and shrinks by the command line. */
class MemberCommandsTest {
    private final String first = "127.0.0.1:" + FreePorts.next();
    private final String second = "127.0.0.1:" + FreePorts.next();

    private CoordinationNode.Builder builder(String id) {
        return CoordinationNode.builder(id)
                .member("n1", first)
                .clusterId("members")
                .inMemory();
    }

    @Test
    @Tag("case-44")
    void aNodeIsAddedPromotedHandedTheLeadershipAndTheOldLeaderIsRemoved() {
        try (CoordinationNode n1 = builder("n1").start();
                CoordinationNode n2 = builder("n2").member("n2", second).join().start()) {
            await().atMost(JarProcess.PATIENCE).until(() -> n1.status().leader().isPresent());
            assertThat(run(n1, "kv", "put", "k", "v").exitCode()).isZero();
            assertThat(run(n1, "member", "add", "n2", second).out()).startsWith("n2 is a learner now");
            assertThat(run(n1, "member", "add", "n7", second).err())
                    .contains("n2 is reached at " + second + " already");
            assertThat(run(n1, "member", "add", "n2", first).err()).contains("n2 is a member already, at " + second);
            assertThat(run(n1, "member", "promote", "n2", "--timeout", "30s"))
                    .isEqualTo(new Cli.Result(0, "n2 votes now\n", ""));
            // What a leader says of the others is as of some moments ago.
            await().atMost(JarProcess.PATIENCE)
                    .untilAsserted(() -> assertThat(run(n1, "member", "list").out())
                            .contains("n1    voter  " + first + "  leader")
                            .contains("n2    voter  " + second + "  replicate"));
            assertThat(run(n1, "leader", "transfer", "--to", "n2", "--timeout", "30s"))
                    .isEqualTo(new Cli.Result(0, "n2 leads now\n", ""));
            Map<String, Object> back = run(n2, "leader", "transfer", "--output", "json", "--timeout", "30s")
                    .json();
            assertThat(back).containsEntry("done", true).containsEntry("leader", "n1");
            assertThat(run(n1, "leader", "transfer", "--timeout", "30s").out()).isEqualTo("n2 leads now\n");
            assertThat(run(n2, "leader", "transfer", "--to", "n2").out()).isEqualTo("n2 leads now\n");
            assertThat(run(n2, "member", "remove", "n1", "--timeout", "30s").exitCode())
                    .isZero();
            Map<String, Object> members =
                    run(n2, "member", "list", "--output", "json").json();
            assertThat(members).containsEntry("leader", "n2").containsEntry("removed", List.of("n1"));
            assertThat(run(n2, "kv", "get", "k").out()).isEqualTo("v\n");
        }
    }

    @Test
    @Tag("case-49")
    void whatMakesNoSenseIsRefusedAndSaysWhy() {
        try (CoordinationNode n1 = builder("n1").start()) {
            await().atMost(JarProcess.PATIENCE).until(() -> n1.status().leader().isPresent());
            for (List<String> command : List.of(
                    List.of("member", "remove", "n1"),
                    List.of("member", "promote", "n7"),
                    List.of("member", "replace", "n1", "n7"),
                    List.of("leader", "transfer", "--to", "n7"))) {
                Cli.Result result = run(n1, command.toArray(String[]::new));
                assertThat(result.exitCode()).as("%s: %s", command, result).isEqualTo(90);
                assertThat(result.err()).startsWith("balsa: refused");
            }
            for (String address : List.of("nohost", "host:0", "host:99999", "host:port")) {
                Cli.Result result = run(n1, "member", "add", "n2", address);
                assertThat(result.exitCode()).as(address).isEqualTo(2);
                assertThat(result.err()).contains("ADDRESS: ");
            }
            assertThat(run(n1, "member", "add", "n 2", second).exitCode()).isEqualTo(2);
            assertThat(run(n1, "leader", "transfer", "--to", "n 2").exitCode()).isEqualTo(2);
        }
    }

    @Test
    void aNodeThatIsDownCanBeRemovedButNotOneThatTheOthersNeedThen() {
        String third = "127.0.0.1:" + FreePorts.next();
        try (CoordinationNode n1 =
                        builder("n1").member("n2", second).member("n3", third).start();
                CoordinationNode n2 =
                        builder("n2").member("n2", second).member("n3", third).start()) {
            await().atMost(JarProcess.PATIENCE).until(() -> Stream.of(n1, n2).anyMatch(node -> isSilent(node, "n3")));
            CoordinationNode leader = isSilent(n1, "n3") ? n1 : n2;
            assertThat(run(leader, "member", "list").out()).containsPattern("n3 .* [0-9]+ (s|min)\\R");
            String follower = n1.status().role() == Role.LEADER ? "n2" : "n1";
            Cli.Result refused = run(n1, "member", "remove", follower, "--timeout", "2s");
            assertThat(refused.exitCode()).isEqualTo(90);
            assertThat(refused.err())
                    .startsWith("balsa: refused up to now: ")
                    .contains("[n3] don't answer")
                    .contains("start them again, or remove them first");
            assertThat(run(n1, "member", "remove", "n3", "--timeout", "30s").exitCode())
                    .isZero();
        }
    }

    /** Whether a leader has not heard of a node for more than its election timeout. */
    private static boolean isSilent(CoordinationNode leader, String id) {
        return leader.status().progress().stream()
                .anyMatch(other -> other.id().value().equals(id) && other.silentMillis() >= 1_000);
    }

    private static Cli.Result run(CoordinationNode node, String... arguments) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = "--cluster=" + node.clientAddress();
        return Cli.run(all);
    }
}
