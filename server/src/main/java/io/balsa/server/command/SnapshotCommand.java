package io.balsa.server.command;

import io.balsa.raft.adapter.SnapshotReport;
import io.balsa.raft.adapter.StoppedNode;
import io.balsa.raft.core.SnapshotMetadata;
import io.balsa.server.CommandFailure;
import io.balsa.server.ExitCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code snapshot}: looks after the snapshots of a stopped node. */
@Command(
        name = "snapshot",
        description = "Looks through the snapshots of a stopped node.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {SnapshotCommand.Verify.class})
public final class SnapshotCommand {
    private static final List<String> HEAD = List.of("SNAPSHOT", "INDEX", "TERM", "BYTES", "CHECKSUM");

    /** {@code snapshot verify}. */
    @Command(
            name = "verify",
            description = {
                "Reads all snapshots of a stopped node and checks every bit of them.",
                "Changes nothing. Names the file and the position of what is damaged."
            })
    static final class Verify implements Callable<Integer> {
        @Mixin
        private StoppedNodeData data;

        @Mixin
        private Output output;

        @Override
        public Integer call() {
            SnapshotReport report;
            try (StoppedNode node = data.open()) {
                report = node.verifySnapshots();
            }
            output.print(json(report), lines(report));
            if (!report.damages().isEmpty()) {
                throw new CommandFailure(ExitCode.DATA_DAMAGED, LogCommand.damaged("snapshot", report.damages()));
            }
            return ExitCode.OK.code();
        }

        private static Map<String, Object> json(SnapshotReport report) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("directory", report.directory().toString());
            json.put("snapshots", report.whole().stream().map(Verify::wholeJson).toList());
            json.put("notes", report.notes());
            json.put("damages", LogCommand.damagesJson(report.damages()));
            return json;
        }

        private static Map<String, Object> wholeJson(SnapshotReport.Whole whole) {
            SnapshotMetadata metadata = whole.description().metadata();
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("file", whole.file().toString());
            json.put("index", metadata.index());
            json.put("term", metadata.term());
            json.put("bytes", whole.description().sizeBytes());
            json.put("checksum", Long.toHexString(whole.description().checksum()));
            json.put("members", metadata.configuration().toString());
            return json;
        }

        private static List<String> lines(SnapshotReport report) {
            List<List<String>> rows = new ArrayList<>();
            rows.add(HEAD);
            for (SnapshotReport.Whole whole : report.whole()) {
                SnapshotMetadata metadata = whole.description().metadata();
                rows.add(List.of(
                        String.valueOf(whole.file().getFileName()),
                        Long.toString(metadata.index()),
                        Long.toString(metadata.term()),
                        Long.toString(whole.description().sizeBytes()),
                        Long.toHexString(whole.description().checksum())));
            }
            List<String> lines = new ArrayList<>();
            if (rows.size() > 1) {
                lines.addAll(Output.table(rows));
                report.whole().forEach(whole -> lines.add(configuration(whole)));
            } else {
                lines.add("no whole snapshot in " + report.directory());
            }
            report.notes().forEach(note -> lines.add("note: " + note));
            report.damages().forEach(damage -> lines.add("DAMAGED: " + damage));
            return lines;
        }

        /** On a line of its own: however many members there are, the table stays as wide as a terminal. */
        private static String configuration(SnapshotReport.Whole whole) {
            SnapshotMetadata metadata = whole.description().metadata();
            return "configuration at " + metadata.index() + ": " + metadata.configuration();
        }
    }
}
