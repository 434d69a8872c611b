package io.balsa.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

class HtmlReportTest {
    private static final String NO_FONTS = "There are no charts here because of a test.";

    @TempDir
    private Path directory;

    private Page tables(RunRecord run) throws IOException {
        return Page.writeWithoutFonts(run, NO_FONTS, directory);
    }

    @Test
    void hasASectionForEachThingThatWasMeasured() throws IOException {
        assertThat(tables(SampleRun.record()).texts("h2"))
                .containsExactly(
                        "Balsa against the best peer",
                        "Targets",
                        "fsync, TCP",
                        "memory, TCP",
                        "memory, same JVM",
                        "Floors",
                        "Open loop",
                        "Objects",
                        "Log",
                        "Election",
                        "How it was measured");
    }

    @Test
    void tellsHowBalsaStandsToTheBestPeerAndToTheFloor() throws IOException {
        Page section = tables(SampleRun.record()).section("Balsa against the best peer");
        assertThat(section.rows())
                .contains(
                        List.of(
                                "fsync, TCP",
                                "1.34 × jgroups-raft (1.34 to 1.34 in 2 rounds)",
                                "1.58 × jgroups-raft (1.58 to 1.58 in 2 rounds)",
                                "1.68 × jgroups-raft (1.68 to 1.68 in 2 rounds)"),
                        List.of(
                                "fsync, TCP",
                                "0.75 × jgroups-raft (0.75 to 0.75 in 2 rounds)",
                                "0.63 × jgroups-raft (0.63 to 0.63 in 2 rounds)",
                                "0.60 × jgroups-raft (0.60 to 0.60 in 2 rounds)"),
                        List.of(
                                "memory, same JVM",
                                "1.67 × microraft (1.67 to 1.67 in 2 rounds)",
                                "1.44 × microraft (1.44 to 1.44 in 2 rounds)",
                                "1.43 × microraft (1.43 to 1.43 in 2 rounds)"));
        assertThat(section.text()).contains("0.96 × the floor: sync of three files and a TCP round trip, 192 µs");
    }

    @Test
    void tellsTheCircumstances() throws IOException {
        Page section = tables(SampleRun.record()).section("How it was measured");
        assertThat(section.texts("dd"))
                .containsExactly(
                        "A Processor @ 3 GHz",
                        "2",
                        "8.0 GiB",
                        "Linux 6.1, amd64",
                        "ext4 (/dev/vda)",
                        "0.10",
                        "0%",
                        "OpenJDK 64-Bit Server VM 17.0.15",
                        "0123456789abcdef, with changes",
                        "balsa bench --only '<a&b>'");
        assertThat(section.rows())
                .contains(
                        List.of("microraft", "0.7", "memory, same JVM", "In memory."),
                        List.of("ReplicationBenchmark", "-Xms1g -Xmx1g"),
                        List.of("FloorBenchmark", "none"));
    }

    @Test
    void namesWhatFailedWhatWasNotAskedAndWhatIsNotMadeForIt() throws IOException {
        Page section = tables(SampleRun.record()).section("fsync, TCP");
        assertThat(section.rows()).contains(List.of("ratis", "failed: " + SampleRun.FAILURE.replace('\0', '\uFFFD')));
        assertThat(section.texts("p"))
                .contains("Not asked in this run: zookeeper.", "Not made to run this way: microraft.");
    }

    @Test
    void showsTheRoundsBesideTheirMean() throws IOException {
        assertThat(tables(SampleRun.record()).section("fsync, TCP").rows())
                .contains(List.of("balsa", "5,406", "5,304 to 5,508", "185", "259", "481", "1,295", "7,402"));
    }

    @Test
    void aRunWithoutPeersHasNothingToCompare() throws IOException {
        RunRecord all = SampleRun.record();
        Page page = tables(new RunRecord(
                all.conditions(),
                all.products(),
                all.measurements().stream()
                        .filter(each -> !each.trial().benchmark().equals(RunRecord.REPLICATION))
                        .toList(),
                List.of()));
        assertThat(page.texts("h1")).containsExactly("Balsa, measured");
        assertThat(page.texts("h2"))
                .containsExactly("Floors", "Open loop", "Objects", "Log", "Election", "How it was measured");
    }

    @Test
    void balsaAloneIsComparedWithNobody() throws IOException {
        RunRecord all = SampleRun.record();
        Page page = tables(new RunRecord(
                all.conditions(),
                all.products(),
                all.measurements().stream()
                        .filter(each -> each.trial().parameter("product").startsWith("balsa"))
                        .toList(),
                List.of()));
        assertThat(page.section("Balsa against the best peer").rows())
                .contains(List.of("fsync, TCP", "not measured", "not measured", "not measured"));
        assertThat(page.section("Floors").texts("p")).containsExactly("Not measured in this run.");
    }

    @Test
    void aRunInWhichEverythingFailedIsReported() throws IOException {
        List<Failure> failures = List.of(
                new Failure(
                        new Trial(
                                RunRecord.REPLICATION,
                                "replicate",
                                SampleRun.replication("ratis", SampleRun.DURABLE, 16)),
                        "no leader"),
                new Failure(new Trial(RunRecord.FLOOR, "roundTrip", Map.of()), "no loopback"),
                new Failure(new Trial("LogBenchmark", "appendAndSync", Map.of("log", "SEGMENT")), "no disk"));
        Page page = Page.write(
                new RunRecord(SampleRun.conditions(0, 0), SampleRun.products(), List.of(), failures), directory);
        assertThat(page.section("fsync, TCP").rows()).contains(List.of("ratis", "failed: no leader"));
        assertThat(page.section("Floors").text()).contains("failed: no loopback");
        assertThat(page.section("Log").rows())
                .containsExactly(List.of("Append and sync", "SEGMENT", "failed: no disk"));
    }

    @Test
    void textOfOthersStaysText() throws IOException {
        String hostile = "</style><script>alert(1)</script>&\"'<img src=x onerror=alert(1)>";
        RunRecord all = SampleRun.record();
        Conditions usual = all.conditions();
        Map<String, String> parameters = SampleRun.replication(hostile, SampleRun.DURABLE, 1);
        Page page = Page.write(
                new RunRecord(
                        new Conditions(
                                usual.began(),
                                usual.took(),
                                hostile,
                                hostile,
                                new Machine(hostile, 1, 0, hostile, hostile, -1),
                                OptionalDouble.empty(),
                                usual.tree(),
                                hostile,
                                Map.of(hostile, List.of(hostile))),
                        List.of(new Product(hostile, hostile, hostile, Set.of(SampleRun.DURABLE))),
                        List.of(
                                new Measurement(
                                        new Trial(RunRecord.REPLICATION, "replicate", parameters),
                                        new Figure(1, hostile),
                                        Map.of("p50", new Figure(1, hostile))),
                                own(hostile, "1"),
                                own(hostile, "2")),
                        List.of(new Failure(new Trial(hostile, hostile, Map.of(hostile, hostile)), hostile))),
                directory);
        assertThat(page.elements("script")).isEmpty();
        assertThat(page.elements("img")).isEmpty();
        assertThat(page.section("fsync, TCP").rows().get(0)).startsWith(hostile);
        assertThat(page.section("How it was measured").texts("dd")).contains(hostile);
    }

    private static Measurement own(String text, String size) {
        return new Measurement(
                new Trial(text, text, Map.of("size", size)), new Figure(1, text), Map.of(text, new Figure(1, text)));
    }

    @Test
    void warnsOfABusyMachine() throws IOException {
        RunRecord all = SampleRun.record();
        RunRecord busy =
                new RunRecord(SampleRun.conditions(1.7, 0.33), all.products(), all.measurements(), all.failures());
        assertThat(tables(busy).texts("p"))
                .anyMatch(text -> text.startsWith("The machine was busy when the run began: a load of 1.7 on 2 cores."))
                .anyMatch(text -> text.startsWith("Other machines on the same host took 33% of the processors' time"));
        assertThat(tables(all).texts("p"))
                .noneMatch(text -> text.startsWith("The machine was busy"))
                .noneMatch(text -> text.startsWith("Other machines"));
    }

    @Test
    void withoutFontsThereAreTablesAndTheReason() throws IOException {
        Page page = tables(SampleRun.record());
        assertThat(page.texts("p")).contains(NO_FONTS);
        assertThat(page.elements("svg")).isEmpty();
        assertThat(page.elements("figure")).isEmpty();
        assertThat(page.elements("table")).hasSize(12);
        assertThat(directory.resolve("charts")).doesNotExist();
    }

    @Test
    void styleNeedsNoEscape() throws IOException {
        // A browser takes the text of a style as it is written, where XML writes a reference for these.
        assertThat(tables(SampleRun.record()).texts("style"))
                .singleElement()
                .asString()
                .isNotEmpty()
                .doesNotContain("<", ">", "&", "url(", "@import");
    }

    @Test
    void referencesStayInThePage() throws IOException {
        Fonts.require();
        Page page = Page.write(SampleRun.record(), directory);
        List<Element> all = page.elements("*");
        List<String> ids = all.stream()
                .filter(element -> element.hasAttribute("id"))
                .map(element -> element.getAttribute("id"))
                .toList();
        assertThat(ids).doesNotHaveDuplicates();
        assertThat(all.stream().map(Element::getNodeName).collect(Collectors.toSet()))
                .doesNotContain("script", "link", "img", "image", "iframe", "object", "embed", "use", "a");
        for (Element element : all) {
            for (int i = 0; i < element.getAttributes().getLength(); i++) {
                String name = element.getAttributes().item(i).getNodeName();
                String value = element.getAttributes().item(i).getNodeValue();
                assertThat(name).isNotIn("src", "href", "xlink:href");
                if (value.startsWith("url(")) {
                    assertThat(ids).contains(value.substring("url(#".length(), value.length() - 1));
                } else if (!name.startsWith("xmlns")) {
                    assertThat(value).doesNotContain("//", "url(");
                }
            }
        }
        assertThat(Files.readString(directory.resolve("report.html")))
                .startsWith("<!DOCTYPE html>\n<html lang=\"en\">");
    }
}
