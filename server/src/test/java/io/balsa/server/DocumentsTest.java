package io.balsa.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.server.support.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Documents say what the code says. */
class DocumentsTest {
    private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)(#[^)]*)?\\)");
    private static final int HELP_WIDTH = 80;

    @Test
    void readmesExampleIsTheOneThatCompiles() {
        List<String> source = Repository.lines("server/src/test/java/io/balsa/server/EmbeddingExample.java");
        List<String> example =
                source.subList(indexOf(source, "// README begins here.") + 1, indexOf(source, "// README ends here."));
        assertThat(Repository.lines("README.md"))
                .containsSequence(
                        example.stream().map(line -> line.substring(8)).toList());
    }

    @Test
    void commandReferenceIsWhatHelpPrints() throws IOException {
        List<String> reference = Repository.lines("docs/commands.md");
        List<String> actual = new ArrayList<>(reference.subList(0, reference.indexOf("## balsa")));
        describe(Balsa.commandLine(), actual);
        Path written = Files.write(Path.of("target", "commands.md"), actual);
        assertThat(reference)
                .as("docs/commands.md; its right content is in server/%s", written)
                .containsExactlyElementsOf(actual);
    }

    @Test
    void helpFitsIntoEightyColumns() {
        List<String> help = new ArrayList<>();
        describe(Balsa.commandLine(), help);
        assertThat(help).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(HELP_WIDTH));
    }

    @ParameterizedTest
    @MethodSource("documents")
    void linksLeadSomewhere(String document) {
        for (String line : Repository.lines(document)) {
            Matcher link = LINK.matcher(line);
            while (link.find()) {
                Path directory = Path.of("/" + document).getParent();
                String target =
                        directory.resolve(link.group(1)).normalize().toString().substring(1);
                assertThat(Repository.file(target))
                        .as("%s links to %s", document, link.group(1))
                        .exists();
            }
        }
    }

    static Stream<String> documents() {
        return Stream.of(
                "README.md",
                "ARCHITECTURE.md",
                "DIVERGENCES.md",
                "docs/performance.md",
                "docs/simulation.md",
                "docs/planted-bugs.md",
                "docs/commands.md",
                "docs/configuration.md",
                "docs/exit-codes.md",
                "docs/cases.md",
                "docs/histories.md",
                "docs/locks.md");
    }

    private static void describe(CommandLine command, List<String> lines) {
        if (!lines.isEmpty() && !lines.get(lines.size() - 1).isEmpty()) {
            lines.add("");
        }
        lines.add("## " + command.getCommandSpec().qualifiedName());
        lines.add("");
        lines.add("```");
        lines.addAll(command.getUsageMessage().lines().toList());
        lines.add("```");
        command.getSubcommands().values().forEach(subcommand -> describe(subcommand, lines));
    }

    private static int indexOf(List<String> lines, String text) {
        return lines.stream().map(String::strip).toList().indexOf(text);
    }
}
