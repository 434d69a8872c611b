package io.balsa.simulation.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HistoryFormatTest {
    @TempDir
    Path directory;

    @Test
    void everyValueComesBackAsItWasWritten() throws IOException {
        List<Object> args = Arrays.asList("a \"quoted\"\nline", 7L, -1.5, true, null, List.of("nested", List.of(1L)));
        History written = new History(List.of(
                new Operation("c1", "put", "k", args, 3, 9, Status.OK, List.of("v", 4L)),
                new Operation("c2", "get", null, List.of(), -5, 0, Status.FAIL, null),
                new Operation(
                        "c3",
                        "append",
                        "\u00e4\u0000\ud83d\ude00",
                        List.of(""),
                        4,
                        Operation.NEVER,
                        Status.INFO,
                        null)));
        Path file = directory.resolve("history.jsonl");
        HistoryWriter.write(written, file);
        assertThat(HistoryReader.read(file)).isEqualTo(written);
    }

    @Test
    void oneOperationIsOneLine() throws IOException {
        Operation operation = new Operation("c1", "put", "k", List.of("v"), 3, 9, Status.OK, null);
        assertThat(HistoryWriter.line(operation))
                .isEqualTo("{\"client\":\"c1\",\"op\":\"put\",\"key\":\"k\",\"args\":[\"v\"],\"call\":3,\"return\":9,"
                        + "\"status\":\"ok\",\"output\":null}");
        assertThat(HistoryWriter.line(operation.asUnknown())).doesNotContain("return");
    }

    @Test
    void keysAndArgumentsMayBeLeftOut() throws IOException {
        History history =
                read("{\"op\":\"read\",\"client\":4,\"status\":\"ok\",\"call\":1,\"return\":2,\"output\":0}\n\n");
        assertThat(history.operations())
                .containsExactly(new Operation("4", "read", null, List.of(), 1, 2, Status.OK, 0L));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"client\":\"c\" | this is not JSON, at column 14: Unexpected end-of-input",
                "[] | a line begins with {",
                "{\"client\":\"c\",\"client\":\"d\"} | Duplicate field 'client'",
                "{\"clint\":\"c\"} | there is no field 'clint'",
                "{\"client\":\"c\"} | 'op' is missing",
                "{\"client\":[]} | 'client' is a text",
                "{\"client\":\"c\",\"op\":\"get\",\"call\":1,\"status\":\"ok\"} | 'return' is missing",
                "{\"client\":\"c\",\"op\":\"get\",\"call\":9,\"return\":8,\"status\":\"ok\"} | before its call",
                "{\"client\":\"c\",\"op\":\"get\",\"call\":1.5} | whole number of nanoseconds",
                "{\"client\":\"c\",\"status\":\"done\"} | 'status' is ok, fail or info, not done",
                "{\"args\":3} | 'args' is an array",
                "{\"output\":{}} | no object",
                "{\"output\":99999999999999999999} | does not fit into 64 bits",
                "{\"client\":\"c\",\"op\":\"get\",\"call\":1,\"status\":\"info\"} {} | one line holds one operation",
            })
    void aBadLineIsNamed(String line, String reason) {
        String good = "{\"client\":\"c\",\"op\":\"get\",\"call\":1,\"status\":\"info\"}\n";
        assertThatThrownBy(() -> read(good + line + "\n"))
                .isInstanceOf(HistoryFormatException.class)
                .hasMessageStartingWith("test:2: ")
                .hasMessageNotContaining("Source")
                .hasMessageContaining(reason);
    }

    @Test
    void whatIsNoHistoryIsRefused() {
        assertThatThrownBy(() -> read("hello\n")).hasMessageStartingWith("test:1: this is no history");
        assertThatThrownBy(() -> read("\n\n")).hasMessageContaining("there is no operation in it");
    }

    @Test
    void nestingIsBounded() {
        assertThatThrownBy(() -> read("{\"output\":" + "[".repeat(100_000) + "\n"))
                .isInstanceOf(HistoryFormatException.class)
                .hasMessageContaining("nesting depth");
    }

    private static History read(String text) throws IOException {
        return HistoryReader.read("test", new StringReader(text));
    }
}
