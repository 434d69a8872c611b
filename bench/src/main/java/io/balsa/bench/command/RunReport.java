package io.balsa.bench.command;

import io.balsa.bench.Products;
import io.balsa.bench.ReplicationBenchmark;
import io.balsa.bench.Window;
import io.balsa.bench.report.Conditions;
import io.balsa.bench.report.Failure;
import io.balsa.bench.report.HtmlReport;
import io.balsa.bench.report.Machine;
import io.balsa.bench.report.Measurement;
import io.balsa.bench.report.ProcessorTime;
import io.balsa.bench.report.Product;
import io.balsa.bench.report.RunRecord;
import io.balsa.bench.report.SourceTree;
import io.balsa.bench.report.Targets;
import io.balsa.bench.report.Trial;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;

/** Hands a run and its circumstances to the report; made when the run begins, for the load before it counts. */
final class RunReport {
    private final ProcessorTime processorsBefore = ProcessorTime.now();
    private final ZonedDateTime began = ZonedDateTime.now(ZoneId.systemDefault());
    private final String command;
    private final Machine machine;
    private final SourceTree tree;

    /** @param arguments of the command */
    RunReport(List<String> arguments) {
        Path data = Path.of(System.getProperty("balsa.bench.directory", "target"));
        this.command = "balsa bench " + String.join(" ", arguments);
        this.machine = Machine.look(data);
        this.tree = SourceTree.look(data.toAbsolutePath());
    }

    /** Writes the report, and says where its page is. */
    void write(Plan plan, Results results, Path directory, PrintWriter out) throws IOException {
        Conditions conditions = new Conditions(
                began,
                Duration.between(began, ZonedDateTime.now(ZoneId.systemDefault())),
                command.strip(),
                timing(plan),
                machine,
                ProcessorTime.now().stolenSince(processorsBefore),
                tree,
                results.raw().stream()
                        .map(RunReport::jvmOf)
                        .distinct()
                        .reduce((one, other) -> one + "; " + other)
                        .orElse("unknown"),
                flags(results.raw()));
        RunRecord run = new RunRecord(
                conditions,
                Products.all().stream().map(Product::of).toList(),
                results.raw().stream().map(Measurement::of).toList(),
                failures(results));
        Path page = HtmlReport.write(run, directory);
        TargetTable.print(Targets.of(run), out);
        out.printf("report: %s%n", page);
        if (conditions.isMuchStolen()) {
            out.printf(
                    "other machines on the same host took %s of the processors' time: don't quote these figures%n",
                    conditions.stolenText());
        }
    }

    private static String timing(Plan plan) {
        int rounds = plan.trials().stream().mapToInt(Plan.Trial::round).max().orElse(1);
        return "Comparisons: "
                + (rounds == 1 ? "one round" : "up to " + rounds + " rounds, most where there is a disk")
                + ", in each of them "
                + plan.warmUpSeconds() + " s of warm-up, after "
                + Window.warmUpSeconds() + " s with 256 commands under way, and " + plan.durableSeconds()
                + " s of measurement per product and work (in memory " + plan.memorySeconds()
                + " s). Everything else: "
                + plan.suite().warmUpSeconds()
                + " s of warm-up, after that of its own which most have, and "
                + plan.suite().measuredSeconds() + " s, or single shots.";
    }

    private static String jvmOf(RunResult result) {
        BenchmarkParams params = result.getParams();
        return params.getVmName() + " " + params.getVmVersion();
    }

    private static Map<String, List<String>> flags(List<RunResult> results) {
        Map<String, List<String>> flags = new LinkedHashMap<>();
        for (RunResult result : results) {
            BenchmarkParams params = result.getParams();
            flags.putIfAbsent(Measurement.of(result).trial().benchmark(), List.copyOf(params.getJvmArgs()));
        }
        return flags;
    }

    private static List<Failure> failures(Results results) {
        List<Failure> failures = new ArrayList<>();
        for (Cell cell : results.cells()) {
            results.failuresOf(cell)
                    .forEach((product, reason) -> failures.add(new Failure(trialOf(cell, product), reason)));
        }
        results.suiteFailures().forEach((trial, reason) -> failures.add(new Failure(trialOf(trial), reason)));
        results.leftOut().forEach((trial, reason) -> failures.add(new Failure(trialOf(trial), reason, true)));
        return failures;
    }

    private static Trial trialOf(SuiteTrial trial) {
        return new Trial(trial.benchmark().getSimpleName(), trial.method(), trial.parameters());
    }

    /** With the parameters that a measurement of it has. */
    private static Trial trialOf(Cell cell, String product) {
        Map<String, String> parameters = new TreeMap<>();
        parameters.put("product", product);
        parameters.put("durability", cell.durability().name());
        parameters.put("network", cell.network().name());
        parameters.put("nodes", String.valueOf(cell.nodes()));
        parameters.put("outstanding", String.valueOf(cell.outstanding()));
        parameters.put("payloadBytes", String.valueOf(cell.payloadBytes()));
        return new Trial(ReplicationBenchmark.class.getSimpleName(), "replicate", parameters);
    }
}
