package io.balsa.server.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.server.support.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** {@code docs/cases.md} says which tests show each case, and each case that has its turn has one. */
class CasesTest {
    private static final int LAST_THAT_NEEDS_A_TEST = 83;

    @Test
    void theDocumentIsUpToDate() throws IOException {
        List<String> actual = document();
        Path written = Files.write(Path.of("target", "cases.md"), actual);
        assertThat(Repository.lines("docs/cases.md"))
                .as("docs/cases.md; its right content is in server/%s", written)
                .containsExactlyElementsOf(actual);
    }

    @Test
    void everyCaseHasATest() {
        Set<Integer> covered =
                TestSources.tagged().stream().map(TaggedTest::caseNumber).collect(Collectors.toSet());
        Set<Integer> missing = IntStream.rangeClosed(1, LAST_THAT_NEEDS_A_TEST)
                .boxed()
                .filter(number -> !covered.contains(number))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(missing).as("cases without a test").isEmpty();
    }

    @Test
    void tagsNameCasesThatThereAre() {
        Set<Integer> known = Cases.chapters().stream()
                .flatMap(chapter -> chapter.cases().stream())
                .map(Case::number)
                .collect(Collectors.toSet());
        assertThat(TestSources.tagged())
                .allSatisfy(test -> assertThat(known).as("%s", test).contains(test.caseNumber()));
    }

    @Test
    void tagsOfClassesAndMethodsAreFound() {
        List<String> source = List.of(
                "/** Has @Test in its words. */",
                "@Tag(\"case-7\")",
                "class FooTest {",
                "    @Test",
                "    @Tag(\"case-12\")",
                "    @Tag(\"slow\") @Tag(\"case-3\")",
                "    void bar() throws Exception {",
                "        call(1);",
                "    }",
                "    @ParameterizedTest",
                "    @CsvSource({\"a, b\"})",
                "    @Tag(\"case-3\")",
                "    void baz(",
                "            String a, String b) {",
                "    }",
                "    @Nested",
                "    @Tag(\"case-8\")",
                "    class Inner {}");
        assertThat(TestSources.in("x/FooTest.java", source))
                .containsExactly(
                        new TaggedTest(7, "x/FooTest.java", "FooTest", ""),
                        new TaggedTest(12, "x/FooTest.java", "FooTest", "bar"),
                        new TaggedTest(3, "x/FooTest.java", "FooTest", "bar"),
                        new TaggedTest(3, "x/FooTest.java", "FooTest", "baz"),
                        new TaggedTest(8, "x/FooTest.java", "FooTest", "Inner"));
    }

    @Test
    void aTagOnWhatIsNoTestIsAMistake() {
        List<String> source = List.of("class FooTest {", "    @Tag(\"case-7\")", "    void helper() {");
        assertThatThrownBy(() -> TestSources.in("x/FooTest.java", source))
                .hasMessage("x/FooTest.java: helper names a case but is no test");
    }

    private static List<String> document() {
        Map<Integer, List<TaggedTest>> tests = new TreeMap<>();
        TestSources.tagged().forEach(test -> tests.computeIfAbsent(test.caseNumber(), number -> new ArrayList<>())
                .add(test));
        List<String> lines = new ArrayList<>(List.of(
                "# Cases and their tests",
                "",
                "Scenarios that Balsa must survive, and the tests that show each; they name it as `@Tag(\"case-N\")`.",
                "Written by `CasesTest`, which fails when this page is out of date. Of a class without methods every test"
                        + " counts.",
                "A test of an abstract class runs once for each adapter."));
        for (Cases.Chapter chapter : Cases.chapters()) {
            lines.addAll(List.of(
                    "", "## " + chapter.title(), "", "| case | what | tests | shown by |", "|---|---|---|---|"));
            for (Case each : chapter.cases()) {
                List<TaggedTest> showing = tests.getOrDefault(each.number(), List.of());
                lines.add("| " + each.number() + " | " + each.title() + " | " + showing.size() + " | " + links(showing)
                        + " |");
            }
        }
        return lines;
    }

    /** Each class with its methods. */
    private static String links(List<TaggedTest> tests) {
        Map<String, List<TaggedTest>> byFile =
                tests.stream().collect(Collectors.groupingBy(TaggedTest::file, TreeMap::new, Collectors.toList()));
        return byFile.entrySet().stream()
                .map(entry -> "[" + entry.getValue().get(0).type() + "](../" + entry.getKey() + ")"
                        + entry.getValue().stream()
                                .map(TaggedTest::method)
                                .filter(method -> !method.isEmpty())
                                .sorted()
                                .collect(Collectors.joining(", ", " ", ""))
                                .stripTrailing())
                .collect(Collectors.joining("; "));
    }
}
