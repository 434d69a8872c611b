package io.balsa.bench.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;

/** Makes one page of a run that refers to nothing outside of it, with the charts in it; and the charts as files, too. */
public final class HtmlReport {
    private static final String STYLE = "report.css";
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm z", Locale.ENGLISH);

    private final RunRecord run;
    private final Optional<String> obstacle;
    private final List<Comparison> comparisons;
    private final Floors floors;

    HtmlReport(RunRecord run, Optional<String> obstacle) {
        this.run = run;
        this.obstacle = obstacle;
        this.comparisons = Comparison.all(run);
        this.floors = new Floors(run);
    }

    /**
     * Writes the page {@code report.html}, and the charts below {@code charts}.
     *
     * @return the page
     */
    public static Path write(RunRecord run, Path directory) throws IOException {
        return new HtmlReport(run, Drawing.obstacle()).write(directory);
    }

    Path write(Path directory) throws IOException {
        Gallery gallery = new Gallery(directory.resolve("charts"), obstacle.isEmpty());
        Path file = directory.resolve("report.html");
        XmlFile.write(file, "<!DOCTYPE html>\n", page(gallery).getDocumentElement());
        return file;
    }

    private Document page(Gallery gallery) throws IOException {
        Document document = emptyDocument();
        Markup html = Markup.root(document, "html").with("lang", "en");
        Markup head = html.add("head");
        head.add("meta").with("charset", "utf-8");
        head.add("meta").with("name", "viewport").with("content", "width=device-width, initial-scale=1");
        head.add("title", "Balsa, measured");
        head.add("style", style());
        Markup main = html.add("body").add("main");
        addHeader(main);
        new RatioSection(comparisons, floors).addTo(main, gallery);
        new TargetSection(run).addTo(main);
        comparisons.forEach(comparison -> new ComparisonSection(comparison, floors, run).addTo(main, gallery));
        new FloorSection(floors, run.failuresOf(RunRecord.FLOOR)).addTo(main);
        run.otherBenchmarks().forEach(name -> new OwnSection(name, run).addTo(main, gallery));
        new ConditionsSection(run).addTo(main);
        return document;
    }

    private static Document emptyDocument() {
        try {
            return DocumentBuilderFactory.newInstance().newDocumentBuilder().newDocument();
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("Java's own XML parser is missing", e);
        }
    }

    private static String style() throws IOException {
        try (InputStream css = Objects.requireNonNull(HtmlReport.class.getResourceAsStream(STYLE), STYLE)) {
            return new String(css.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private void addHeader(Markup main) {
        Conditions conditions = run.conditions();
        Markup header = main.add("header");
        header.add("h1", comparisons.isEmpty() ? "Balsa, measured" : "Balsa, measured beside its peers");
        header.add("p", summary()).with("class", "lead");
        header.add(
                        "p",
                        DATE.format(conditions.began()) + " · "
                                + Math.max(1, conditions.took().toMinutes()) + " min · commit "
                                + conditions.tree().shortText())
                .with("class", "faint");
        if (conditions.machine().isBusy()) {
            header.add(
                            "p",
                            String.format(
                                    Locale.ROOT,
                                    "The machine was busy when the run began: a load of %.1f on %d cores. If that was"
                                            + " not only the build before it, don't quote these figures.",
                                    conditions.machine().load(),
                                    conditions.machine().cores()))
                    .with("class", "warning");
        }
        if (conditions.isMuchStolen()) {
            header.add(
                            "p",
                            "Other machines on the same host took " + conditions.stolenText()
                                    + " of the processors' time during the run. Don't quote these figures.")
                    .with("class", "warning");
        }
        obstacle.ifPresent(sentence -> header.add("p", sentence).with("class", "warning"));
    }

    private String summary() {
        Machine machine = run.conditions().machine();
        String place = " On " + machine.cores() + (machine.cores() == 1 ? " core" : " cores") + " of "
                + machine.processor() + ".";
        if (comparisons.isEmpty()) {
            return "What parts of Balsa take, one by one." + place;
        }
        Set<Integer> nodes = new TreeSet<>();
        Set<Integer> counts = new TreeSet<>();
        Set<Integer> payloads = new TreeSet<>();
        comparisons.forEach(comparison -> {
            nodes.add(comparison.nodes());
            counts.addAll(comparison.outstanding());
            payloads.add(comparison.payloadBytes());
        });
        return "How many commands of " + list(payloads) + " bytes " + list(nodes)
                + " nodes in one JVM replicate in a second, and how long each takes, when one client keeps "
                + list(counts) + " of them under way. The products took turns in one run." + place;
    }

    private static String list(Set<Integer> numbers) {
        List<String> all = numbers.stream().map(String::valueOf).toList();
        if (all.size() == 1) {
            return all.get(0);
        }
        return all.stream().limit(all.size() - 1L).collect(Collectors.joining(", ")) + " or " + all.get(all.size() - 1);
    }
}
