package io.balsa.bench.report;

import io.balsa.bench.replication.Setting.Durability;
import io.balsa.bench.replication.Setting.Network;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How it was measured, with what, and on what. */
final class ConditionsSection {
    private static final double BYTES_PER_GIB = 1L << 30;

    private final RunRecord run;

    ConditionsSection(RunRecord run) {
        this.run = run;
    }

    void addTo(Markup main) {
        Markup section = main.add("section");
        section.add("h2", "How it was measured");
        section.add("p", run.conditions().timing());
        section.add(
                "p",
                "Each trial is a JVM of its own. In a comparison, all nodes and one client thread are in that JVM; the client"
                        + " keeps a number of commands under way: a closed loop. A command is done when the leader has committed"
                        + " it and applied it to a state machine that only counts; latency is the time from handing it over to"
                        + " being told. The products take turns: each work by one product after the other, so that what changes"
                        + " on the machine meets them all.");
        addFacts(section);
        addProducts(section);
        addFlags(section);
    }

    private void addFacts(Markup section) {
        Conditions conditions = run.conditions();
        Machine machine = conditions.machine();
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("processor", machine.processor());
        facts.put("cores", String.valueOf(machine.cores()));
        facts.put("memory", String.format(Locale.ROOT, "%.1f GiB", machine.memoryBytes() / BYTES_PER_GIB));
        facts.put("operating system", machine.system());
        facts.put("file system of the data", machine.fileSystem());
        facts.put(
                "load before the run",
                machine.load() < 0 ? "unknown" : String.format(Locale.ROOT, "%.2f", machine.load()));
        facts.put("taken by other machines on the host", conditions.stolenText());
        facts.put("JVM", conditions.jvm());
        facts.put("commit", conditions.tree().text());
        facts.put("command", conditions.command());
        Markup list = section.add("dl");
        facts.forEach((name, value) -> {
            list.add("dt", name);
            list.add("dd", value);
        });
    }

    private void addProducts(Markup section) {
        List<Product> products = run.askedProducts();
        if (products.isEmpty()) {
            return;
        }
        section.add("h3", "The products");
        Table table = new Table(section, 4, List.of("name", "version", "runs", "how it is set up"));
        products.forEach(product -> table.addRow(
                Product.isBalsa(product.name()),
                List.of(product.name(), product.version(), environments(product), product.configuration())));
    }

    private static String environments(Product product) {
        List<String> labels = new ArrayList<>();
        for (Durability durability : Durability.values()) {
            for (Network network : Network.values()) {
                Environment environment = new Environment(durability, network);
                if (product.environments().contains(environment)) {
                    labels.add(environment.label());
                }
            }
        }
        return String.join("; ", labels);
    }

    private void addFlags(Markup section) {
        Map<List<String>, List<String>> byFlags = new LinkedHashMap<>();
        run.conditions().jvmFlags().forEach((benchmark, flags) -> byFlags.computeIfAbsent(
                        flags, unused -> new ArrayList<>())
                .add(benchmark));
        if (byFlags.isEmpty()) {
            return;
        }
        section.add("h3", "Flags of the JVMs");
        Table table = new Table(section, 2, List.of("benchmark", "flags"));
        byFlags.forEach((flags, benchmarks) -> table.addRow(
                false, List.of(String.join(", ", benchmarks), flags.isEmpty() ? "none" : String.join(" ", flags))));
    }
}
