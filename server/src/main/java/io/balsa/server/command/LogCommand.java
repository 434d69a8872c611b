package io.balsa.server.command;

import io.balsa.raft.adapter.Damage;
import io.balsa.raft.adapter.LogReport;
import io.balsa.raft.adapter.StoppedNode;
import io.balsa.server.CommandFailure;
import io.balsa.server.ExitCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code log}: looks after the log of a stopped node. */
@Command(
        name = "log",
        description = "Looks through the log of a stopped node.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {LogCommand.Verify.class})
public final class LogCommand {
    private static final List<String> HEAD = List.of("SEGMENT", "BYTES", "RECORDS", "ENTRIES");

    /** {@code log verify}. */
    @Command(
            name = "verify",
            description = {
                "Reads the whole log of a stopped node and checks every bit of it.",
                "Changes nothing. Names the file and the position of what is damaged."
            })
    static final class Verify implements Callable<Integer> {
        @Mixin
        private StoppedNodeData data;

        @Mixin
        private Output output;

        @Override
        public Integer call() {
            LogReport report;
            try (StoppedNode node = data.open()) {
                report = node.verifyLog();
            }
            output.print(json(report), lines(report));
            if (!report.damages().isEmpty()) {
                throw new CommandFailure(ExitCode.DATA_DAMAGED, damaged("log", report.damages()));
            }
            return ExitCode.OK.code();
        }

        private static Map<String, Object> json(LogReport report) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("directory", report.directory().toString());
            json.put("firstIndex", report.firstIndex());
            json.put("lastIndex", report.lastIndex());
            json.put("firstTerm", report.firstTerm());
            json.put("lastTerm", report.lastTerm());
            json.put("entriesRead", report.entries());
            json.put("durable", report.durable());
            Map<String, Object> configurations = new LinkedHashMap<>();
            report.configurations()
                    .forEach((index, configuration) ->
                            configurations.put(Long.toString(index), configuration.toString()));
            json.put("configurations", configurations);
            json.put(
                    "segments",
                    report.segments().stream().map(Verify::segmentJson).toList());
            json.put("notes", report.notes());
            json.put("damages", damagesJson(report.damages()));
            return json;
        }

        private static Map<String, Object> segmentJson(LogReport.Segment segment) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("file", segment.file().toString());
            json.put("bytes", segment.bytes());
            json.put("records", segment.records());
            json.put("firstIndex", segment.firstIndex());
            json.put("lastIndex", segment.lastIndex());
            return json;
        }

        private static List<String> lines(LogReport report) {
            List<List<String>> rows = new ArrayList<>();
            rows.add(HEAD);
            for (LogReport.Segment segment : report.segments()) {
                rows.add(List.of(
                        String.valueOf(segment.file().getFileName()),
                        Long.toString(segment.bytes()),
                        Long.toString(segment.records()),
                        segment.records() == 0 ? "-" : segment.firstIndex() + " to " + segment.lastIndex()));
            }
            List<String> lines = new ArrayList<>(Output.table(rows));
            lines.add(
                    report.lastIndex() < report.firstIndex()
                            ? "no entries; the next one is " + report.firstIndex()
                            : "entries " + report.firstIndex() + " to " + report.lastIndex() + ", terms "
                                    + report.firstTerm() + " to " + report.lastTerm());
            lines.add("acknowledged up to " + report.durable());
            report.configurations()
                    .forEach((index, configuration) -> lines.add("configuration at " + index + ": " + configuration));
            report.notes().forEach(note -> lines.add("note: " + note));
            report.damages().forEach(damage -> lines.add("DAMAGED: " + damage));
            return lines;
        }
    }

    static List<Map<String, Object>> damagesJson(List<Damage> damages) {
        List<Map<String, Object>> json = new ArrayList<>();
        for (Damage damage : damages) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("file", damage.file().toString());
            one.put("position", damage.position());
            one.put("what", damage.what());
            json.add(one);
        }
        return json;
    }

    static String damaged(String what, List<Damage> damages) {
        return "the " + what + " is damaged: " + damages.get(0)
                + (damages.size() > 1 ? " (and " + (damages.size() - 1) + " more)" : "")
                + "; to give this node's data up, so that it can join anew: balsa data discard";
    }
}
