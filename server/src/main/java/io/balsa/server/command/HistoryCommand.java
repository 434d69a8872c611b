package io.balsa.server.command;

import io.balsa.server.CommandFailure;
import io.balsa.server.ExitCode;
import io.balsa.simulation.history.Counterexample;
import io.balsa.simulation.history.CounterexampleText;
import io.balsa.simulation.history.History;
import io.balsa.simulation.history.HistoryFormatException;
import io.balsa.simulation.history.HistoryReader;
import io.balsa.simulation.history.KnownModel;
import io.balsa.simulation.history.Limits;
import io.balsa.simulation.history.LinearizabilityChecker;
import io.balsa.simulation.history.Operation;
import io.balsa.simulation.history.Shortness;
import io.balsa.simulation.history.TimelinePage;
import io.balsa.simulation.history.Verdict;
import io.balsa.simulation.history.WrongModelException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code history}: judges what clients were told. */
@Command(
        name = "history",
        description = "Judges histories of clients.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = HistoryCommand.Check.class)
public final class HistoryCommand {
    @Command(
            name = "check",
            description = {
                "Tells whether a history is linearizable, and if not, shows a part that cannot be explained, as short as can be"
                        + " found.",
                "Reads JSON lines, logs of Jepsen about a register, and events of get, put and append; docs/histories.md"
                        + " describes them."
            })
    static final class Check implements Callable<Integer> {
        @Parameters(paramLabel = "FILE", description = "The history.")
        private Path file;

        @Option(
                names = "--model",
                paramLabel = "register|kv|lock|counter",
                description = "What the history is about. May be left out where the form of the file tells it.")
        private KnownModel model;

        @Option(
                names = "--html",
                paramLabel = "FILE",
                description = "Also write what cannot be explained as a page with a timeline.")
        private Path html;

        @Option(
                names = "--limit",
                paramLabel = "DURATION",
                defaultValue = "10s",
                description = "How long to look for a verdict (default: ${DEFAULT-VALUE}).")
        private Duration limit;

        @Mixin
        private Output output;

        @Override
        public Integer call() {
            History history = read();
            KnownModel judge =
                    model != null ? model : KnownModel.of(history.form()).orElse(null);
            if (judge == null) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        file + " does not tell what it is about; give --model register, kv, lock or counter");
            }
            Verdict verdict = judge(history, judge);
            verdict.counterexample().filter(found -> html != null).ifPresent(this::writePage);
            output.print(json(verdict, judge), lines(verdict, judge));
            return switch (verdict.outcome()) {
                case LINEARIZABLE -> ExitCode.OK.code();
                case NOT_LINEARIZABLE ->
                    throw new CommandFailure(ExitCode.NOT_LINEARIZABLE, file + " is not linearizable");
                case UNKNOWN ->
                    throw new CommandFailure(
                            ExitCode.VERDICT_UNKNOWN,
                            "cannot tell whether " + file + " is linearizable: " + verdict.reason()
                                    + "; try a longer --limit");
            };
        }

        private History read() {
            try {
                return HistoryReader.read(file);
            } catch (NoSuchFileException e) {
                throw new CommandFailure(ExitCode.HISTORY_UNREADABLE, "there is no file " + file, e);
            } catch (HistoryFormatException e) {
                throw new CommandFailure(ExitCode.HISTORY_UNREADABLE, e.getMessage(), e);
            } catch (IOException e) {
                throw new CommandFailure(
                        ExitCode.HISTORY_UNREADABLE, file + " cannot be read: " + FileTrouble.reasonOf(e), e);
            }
        }

        private Verdict judge(History history, KnownModel judge) {
            try {
                return new LinearizabilityChecker(Limits.DEFAULT.withTime(limit)).check(judge.model(), history);
            } catch (WrongModelException e) {
                throw new CommandFailure(ExitCode.HISTORY_UNREADABLE, file + ": " + e.getMessage(), e);
            }
        }

        private void writePage(Counterexample counterexample) {
            try {
                Files.writeString(html, TimelinePage.write(counterexample), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new CommandFailure(ExitCode.FAILURE, html + " cannot be written: " + FileTrouble.reasonOf(e), e);
            }
        }

        private List<String> lines(Verdict verdict, KnownModel judge) {
            List<String> lines = new ArrayList<>();
            lines.add("%s: %s as %s, %s, %s"
                    .formatted(
                            file,
                            nameOf(verdict.outcome()),
                            nameOf(judge),
                            count(verdict.operations(), "operation"),
                            count(verdict.partitions(), "key")));
            verdict.counterexample().ifPresent(found -> {
                lines.add("");
                lines.addAll(CounterexampleText.lines(found));
            });
            if (html != null) {
                lines.add("");
                lines.add(
                        verdict.counterexample().isPresent()
                                ? "timeline: " + html
                                : "no timeline written: there is nothing that cannot be explained");
            }
            return lines;
        }

        private Map<String, Object> json(Verdict verdict, KnownModel judge) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("file", file.toString());
            json.put("verdict", verdict.outcome().name().toLowerCase(Locale.ROOT));
            json.put("model", nameOf(judge));
            json.put("operations", verdict.operations());
            json.put("partitions", verdict.partitions());
            if (!verdict.reason().isEmpty()) {
                json.put("reason", verdict.reason());
            }
            verdict.counterexample().ifPresent(found -> {
                json.put("key", found.key());
                json.put("shortest", found.shortness() == Shortness.SHORTEST);
                json.put("irreducible", found.shortness().isIrreducible());
                json.put("part", found.part().stream().map(Check::json).toList());
                json.put("stuck", found.stuck().stream().map(Check::json).toList());
            });
            return json;
        }

        private static Map<String, Object> json(Operation operation) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("client", operation.client());
            json.put("op", operation.op());
            json.put("key", operation.key());
            json.put("args", operation.args());
            json.put("call", operation.callNanos());
            if (!operation.isUnknown()) {
                json.put("return", operation.returnNanos());
            }
            json.put("status", operation.status().spelling());
            json.put("output", operation.output());
            return json;
        }

        private static String nameOf(Enum<?> value) {
            return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }

        private static String count(int number, String thing) {
            return number + " " + thing + (number == 1 ? "" : "s");
        }
    }
}
