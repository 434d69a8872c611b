package io.balsa.server.cases;

import io.balsa.server.support.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds the tags of cases in the sources of all modules' tests. It reads sources rather than classes, since the tests of one
 * module are not on the class path of another.
 */
final class TestSources {
    private static final Pattern TAG = Pattern.compile("@Tag\\(\"case-([^\"]*)\"\\)");
    private static final Pattern TEST = Pattern.compile("@(Test|ParameterizedTest|RepeatedTest|TestFactory)\\b");
    private static final Pattern ANNOTATION = Pattern.compile("^\\s*@\\w+");
    private static final Pattern TYPE = Pattern.compile("^\\s*(?:\\w+ )*(?:class|interface|enum|record)\\s+(\\w+)");
    private static final Pattern METHOD = Pattern.compile("^\\s*[\\w<>\\[\\], ?.]+\\s(\\w+)\\(");

    private final List<TaggedTest> found = new ArrayList<>();

    // Of the declaration that the lines lead to.
    private final Set<String> cases = new TreeSet<>();
    private boolean isTest;

    private TestSources() {}

    /** All tags of cases. */
    static List<TaggedTest> tagged() {
        TestSources sources = new TestSources();
        try (Stream<Path> modules = Files.list(Repository.file(""))) {
            for (Path module : modules.sorted().toList()) {
                Path tests = module.resolve("src/test/java");
                if (Files.isDirectory(tests)) {
                    sources.readAll(tests);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return sources.found;
    }

    private void readAll(Path tests) throws IOException {
        try (Stream<Path> files = Files.walk(tests)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java"))
                    .sorted()
                    .toList()) {
                read(
                        Repository.file("").relativize(file).toString().replace('\\', '/'),
                        file.getFileName().toString().replace(".java", ""),
                        Files.readAllLines(file));
            }
        }
    }

    /** What one source has. */
    static List<TaggedTest> in(String file, List<String> lines) {
        TestSources sources = new TestSources();
        sources.read(file, file.substring(file.lastIndexOf('/') + 1).replace(".java", ""), lines);
        return sources.found;
    }

    private void read(String file, String type, List<String> lines) {
        for (String line : lines) {
            if (ANNOTATION.matcher(line).find()) {
                TAG.matcher(line).results().forEach(tag -> cases.add(tag.group(1)));
                isTest |= TEST.matcher(line).find();
                continue;
            }
            Matcher declaredType = TYPE.matcher(line);
            Matcher method = METHOD.matcher(line);
            if (declaredType.find()) {
                add(file, type, declaredType.group(1).equals(type) ? "" : declaredType.group(1));
            } else if (method.find()) {
                if (!isTest && !cases.isEmpty()) {
                    throw new AssertionError(file + ": " + method.group(1) + " names a case but is no test");
                }
                add(file, type, method.group(1));
            }
        }
    }

    private void add(String file, String type, String member) {
        for (String number : cases) {
            found.add(new TaggedTest(Integer.parseInt(number), file, type, member));
        }
        cases.clear();
        isTest = false;
    }
}
