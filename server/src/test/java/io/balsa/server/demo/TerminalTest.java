package io.balsa.server.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TerminalTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void keepsProgressWithinTheWidth() {
        new Terminal(out, true, 30).progress("x".repeat(100));

        assertThat(printed()).startsWith("\r").hasSizeLessThanOrEqualTo(30).endsWith("…");
    }

    @Test
    void replacesProgressByALineThatStays() {
        Terminal terminal = new Terminal(out, true, 80);
        terminal.progress("working");
        terminal.line("done");

        assertThat(printed()).isEqualTo("\rworking\r       \rdone" + System.lineSeparator());
    }

    @Test
    void printsPlainLinesWhereNoTerminalIs() {
        Terminal terminal = new Terminal(out, false, 80);
        terminal.progress("working");
        terminal.progress("working on"); // Too soon after the first to be worth a line.
        terminal.line("done");

        assertThat(printed().lines()).containsExactly("working", "done");
        assertThat(printed()).doesNotContain("\r");
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
