package io.balsa.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.server.support.Cli;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryCommandTest {
    private static final String WRITE =
            "{\"client\":\"c1\",\"op\":\"write\",\"key\":null,\"args\":[7],\"call\":1,\"return\":2,\"status\":\"ok\"}\n";
    private static final String READ =
            "{\"client\":\"c2\",\"op\":\"read\",\"args\":[],\"call\":3,\"return\":4,\"status\":\"ok\",\"output\":%s}\n";

    @TempDir
    Path directory;

    @Test
    void aLinearizableHistoryEndsWithZero() throws IOException {
        Path file = write(WRITE + READ.formatted(7));
        assertThat(Cli.run("history", "check", "--model", "register", file.toString()))
                .isEqualTo(new Cli.Result(0, file + ": linearizable as register, 2 operations, 1 key\n", ""));
    }

    @Test
    void whatCanNotBeExplainedIsShown() throws IOException {
        Path file = write(WRITE + READ.formatted("null"));
        Path page = directory.resolve("timeline.html");
        Cli.Result result =
                Cli.run("history", "check", "--model", "register", file.toString(), "--html", page.toString());
        assertThat(result.exitCode()).isEqualTo(96);
        assertThat(result.err()).isEqualTo("balsa: " + file + " is not linearizable\n");
        assertThat(result.out().lines())
                .containsExactly(
                        file + ": not linearizable as register, 2 operations, 1 key",
                        "",
                        "The shortest part that cannot be explained, 2 of 2 operations:",
                        "  c1  1 to 2  write 7  -> ok",
                        "  c2  3 to 4  read     -> ok null",
                        "The longest order that explains answers of it:",
                        "  1. c1: write 7, then it is 7",
                        "There is no place left for:",
                        "  c2: read -> ok null",
                        "",
                        "timeline: " + page);
        assertThat(page)
                .content(StandardCharsets.UTF_8)
                .startsWith("<!DOCTYPE html>")
                .contains("<svg");
    }

    @Test
    void theFormOfAFileTellsItsModel() throws IOException {
        Cli.Result register = Cli.run(
                "history",
                "check",
                write("0 :invoke :write 3\n0 :ok :write 3\n").toString(),
                "--output",
                "json");
        assertThat(register.exitCode()).isZero();
        assertThat(register.json()).containsEntry("verdict", "linearizable").containsEntry("model", "register");
        Path stale = write(
                """
                {:process 0, :type :invoke, :f :append, :key "k", :value "a"}
                {:process 0, :type :ok, :f :append, :key "k", :value "a"}
                {:process 1, :type :invoke, :f :get, :key "k", :value nil}
                {:process 1, :type :ok, :f :get, :key "k", :value ""}
                """);
        Cli.Result keyValue = Cli.run("history", "check", stale.toString(), "--output", "json");
        assertThat(keyValue.exitCode()).isEqualTo(96);
        Map<String, Object> json = keyValue.json();
        assertThat(json)
                .containsEntry("verdict", "not_linearizable")
                .containsEntry("model", "kv")
                .containsEntry("key", "k")
                .containsEntry("shortest", true);
        assertThat((List<?>) json.get("part")).hasSize(2);
        assertThat((List<?>) json.get("stuck")).hasSize(1);
    }

    @Test
    void whatCanNotBeJudgedIsSaid() throws IOException {
        Path nothing = directory.resolve("nothing.jsonl");
        assertThat(Cli.run("history", "check", nothing.toString()))
                .isEqualTo(new Cli.Result(89, "", "balsa: there is no file " + nothing + "\n"));
        Path bad = write(WRITE + "{\"client\":\"c1\"}\n");
        assertThat(Cli.run("history", "check", "--model", "register", bad.toString()))
                .isEqualTo(new Cli.Result(89, "", "balsa: " + bad + ":2: 'op' is missing\n"));
        Path file = write(WRITE);
        assertThat(Cli.run("history", "check", file.toString()))
                .isEqualTo(new Cli.Result(
                        2,
                        "",
                        "balsa: " + file
                                + " does not tell what it is about; give --model register, kv, lock or counter\n"));
        Cli.Result wrong = Cli.run("history", "check", "--model", "kv", file.toString());
        assertThat(wrong.exitCode()).isEqualTo(89);
        assertThat(wrong.err())
                .startsWith("balsa: " + file + ": operation 1 (c1: write 7): the model kv knows get, put [value],");
        assertThat(Cli.run("history", "check", "--model", "kv", directory.toString())
                        .exitCode())
                .isEqualTo(89);
        assertThat(Cli.run("history", "check", "--model", "cache", file.toString())
                        .exitCode())
                .isEqualTo(2);
    }

    @Test
    void withoutTimeThereIsNoVerdict() throws IOException {
        StringBuilder history = new StringBuilder();
        for (int i = 0; i < 2_000; i++) {
            history.append(WRITE);
        }
        Path file = write(history + READ.formatted(7));
        Cli.Result result = Cli.run("history", "check", "--model", "register", file.toString(), "--limit", "0s");
        assertThat(result.exitCode()).isEqualTo(97);
        assertThat(result.err())
                .isEqualTo("balsa: cannot tell whether " + file
                        + " is linearizable: the time was over; try a longer --limit\n");
    }

    private Path write(String text) throws IOException {
        return Files.writeString(Files.createTempFile(directory, "history", ".txt"), text);
    }
}
