package io.balsa.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BenchCommandTest {
    private final StringWriter errors = new StringWriter();

    @TempDir
    private Path directory;

    private int run(String... arguments) {
        return new CommandLine(new BenchCommand())
                .setErr(new PrintWriter(errors))
                .execute(arguments);
    }

    @Test
    void aPatternThatFindsNothingIsToldWhatThereIs() {
        assertThat(run("--only", "redis", "--directory", directory.toString())).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(errors.toString())
                .contains("nothing to measure is called 'redis'")
                .contains("fsync, TCP, 16 outstanding: jgroups-raft");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aPatternThatIsNoneIsRefused() {
        assertThat(run("--only", "(", "--directory", directory.toString())).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(errors.toString()).contains("--only takes a regular expression, which '(' is not");
    }

    @Test
    void theDocumentShowsTheHelp() throws IOException {
        String before = System.setProperty("balsa.bench.directory", "bench/target");
        try {
            assertThat(Files.readString(Path.of("../docs/performance.md")))
                    .contains("```\n" + new CommandLine(new BenchCommand()).getUsageMessage() + "```");
        } finally {
            System.clearProperty("balsa.bench.directory");
            Optional.ofNullable(before).ifPresent(value -> System.setProperty("balsa.bench.directory", value));
        }
    }

    @Test
    void quickAndFullDoNotGoTogether() {
        assertThat(run("--quick", "--full")).isEqualTo(CommandLine.ExitCode.USAGE);
    }
}
