package io.balsa.simulation.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The checker agrees with what is known about real histories, within the time that it allows itself. */
class KnownVerdictsTest {
    private static final Path HISTORIES = Path.of("src", "test", "resources", "histories");

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("registers")
    void registersOfARealStore(String file, Verdict.Outcome verdict) throws IOException {
        History history =
                HistoryReader.read(HISTORIES.resolve("jepsen-register").resolve(file));
        assertThat(history.form()).isEqualTo(History.Form.JEPSEN_REGISTER);
        assertVerdict(new RegisterModel(), history, verdict);
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("keyValues")
    void keyValuesOfARealStore(String file, Verdict.Outcome verdict) throws IOException {
        History history = HistoryReader.read(HISTORIES.resolve("kv").resolve(file));
        assertThat(history.form()).isEqualTo(History.Form.KEY_VALUE_EVENTS);
        assertVerdict(new KeyValueModel(), history, verdict);
    }

    private static <S> void assertVerdict(Model<S> model, History history, Verdict.Outcome expected) {
        Verdict verdict = new LinearizabilityChecker().check(model, history);
        assertThat(verdict.outcome()).isEqualTo(expected);
        verdict.counterexample().ifPresent(counterexample -> {
            assertThat(counterexample.shortness().isIrreducible()).isTrue();
            History part = counterexample.partAsHistory();
            assertThat(new LinearizabilityChecker().check(model, part).outcome())
                    .as("the part that can't be explained, judged by itself")
                    .isEqualTo(Verdict.Outcome.NOT_LINEARIZABLE);
        });
    }

    static List<Arguments> registers() throws IOException {
        List<Arguments> cases = new ArrayList<>();
        for (String line :
                Files.readAllLines(HISTORIES.resolve("jepsen-register/verdicts.csv"), StandardCharsets.UTF_8)) {
            String[] fields = line.split(",", -1);
            cases.add(Arguments.of(
                    fields[0],
                    fields[1].equals("linearizable")
                            ? Verdict.Outcome.LINEARIZABLE
                            : Verdict.Outcome.NOT_LINEARIZABLE));
        }
        assertThat(cases).hasSize(52);
        return cases;
    }

    static Stream<Arguments> keyValues() {
        try (Stream<Path> files = Files.list(HISTORIES.resolve("kv"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList().stream()
                    .map(name -> Arguments.of(
                            name,
                            name.endsWith("-ok.txt")
                                    ? Verdict.Outcome.LINEARIZABLE
                                    : Verdict.Outcome.NOT_LINEARIZABLE));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
