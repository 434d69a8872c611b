package io.balsa.simulation.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The checker and brute force agree on random short histories; on long ones, it accepts what is linearizable by construction. */
class CheckerRandomTest {
    private static final int SHORT_RUNS = 3_000;
    private static final int LONG_RUNS = 30;
    private static final int EXPLAINED = 5;
    private static final int MAX_RUNS_TO_EXPLAIN = 500;
    private static final Limits LIMITS = new Limits(Duration.ofMinutes(1), 2_000_000);

    /** What is made up, and judged by which model. */
    enum Kind {
        REGISTER(KnownModel.REGISTER) {
            @Override
            History make(RandomHistory random, int size, double unknownShare) {
                return random.register(size, unknownShare);
            }
        },
        KEY_VALUE(KnownModel.KV) {
            @Override
            History make(RandomHistory random, int size, double unknownShare) {
                return random.keyValue(size, unknownShare, false);
            }
        },
        KEY_VALUE_WITH_REVISIONS(KnownModel.KV) {
            @Override
            History make(RandomHistory random, int size, double unknownShare) {
                return random.keyValue(size, unknownShare, true);
            }
        },
        LOCK(KnownModel.LOCK) {
            @Override
            History make(RandomHistory random, int size, double unknownShare) {
                return random.lock(size, unknownShare);
            }
        },
        COUNTER(KnownModel.COUNTER) {
            @Override
            History make(RandomHistory random, int size, double unknownShare) {
                return random.counter(size, unknownShare);
            }
        };

        private final KnownModel known;

        Kind(KnownModel known) {
            this.known = known;
        }

        Model<?> model() {
            return known.model();
        }

        abstract History make(RandomHistory random, int size, double unknownShare);
    }

    @ParameterizedTest
    @EnumSource
    void itAgreesWithBruteForce(Kind kind) {
        long firstSeed = new Random().nextLong();
        int possible = 0;
        for (int run = 0; run < SHORT_RUNS; run++) {
            possible += agrees(kind, kind.model(), firstSeed + run) ? 1 : 0;
        }
        assertThat(possible).as("possible ones, from seed %d on", firstSeed).isBetween(SHORT_RUNS / 20, SHORT_RUNS - 1);
    }

    private static <S> boolean agrees(Kind kind, Model<S> model, long seed) {
        Random random = new Random(seed);
        // Few moments, so that many coincide; longer ones for locks, whose guarantees count in milliseconds.
        int maxNanos = kind == Kind.LOCK ? 1_500_000 : 1 + random.nextInt(12);
        RandomHistory histories = new RandomHistory(random, 3, 2, maxNanos);
        History history = kind.make(histories, 3 + random.nextInt(5), random.nextInt(3) * 0.15);
        assertThat(isPossible(model, history.operations(), List.of()))
                .as("%s, seed %d, as made: %s", kind, seed, history.operations())
                .isTrue();
        History changed = histories.withSwappedAnswers(history);
        List<Operation> required = new ArrayList<>();
        List<Operation> free = new ArrayList<>();
        boolean setFree = random.nextBoolean();
        for (Operation operation : changed.operations()) {
            (setFree && random.nextInt(4) == 0 ? free : required).add(operation);
        }
        return isPossibleAsBruteForceSays(model, required, free, kind + ", seed " + seed);
    }

    private static <S> boolean isPossible(Model<S> model, List<Operation> required, List<Operation> free) {
        return search(model, required, free).outcome() == Search.Outcome.FOUND;
    }

    private static <S> boolean isPossibleAsBruteForceSays(
            Model<S> model, List<Operation> required, List<Operation> free, String description) {
        List<Operation> answered = required.stream().filter(Operation::isOk).toList();
        List<Operation> optional = new ArrayList<>(free);
        required.stream().filter(Operation::isUnknown).forEach(optional::add);
        boolean possible = BruteForce.isPossible(model, answered, optional);
        Search.Result<S> result = search(model, required, free);
        assertThat(result.outcome())
                .as("%s: required %s, free %s", description, required, free)
                .isEqualTo(possible ? Search.Outcome.FOUND : Search.Outcome.IMPOSSIBLE);
        if (possible) {
            assertIsExplanation(model, result, answered, description);
        }
        return possible;
    }

    private static <S> Search.Result<S> search(Model<S> model, List<Operation> required, List<Operation> free) {
        List<Operation> answered = required.stream().filter(Operation::isOk).toList();
        List<Operation> optional = new ArrayList<>(free);
        required.stream()
                .filter(Operation::isUnknown)
                .filter(operation -> !model.tellsNothing(operation))
                .forEach(optional::add);
        Deadline deadline = Deadline.in(LIMITS.time(), System::nanoTime);
        return new Search<>(model, answered, optional, LIMITS.maxConfigurations(), deadline).run();
    }

    private static <S> void assertIsExplanation(
            Model<S> model, Search.Result<S> result, List<Operation> answered, String description) {
        List<Operation> order = result.path().stream().map(Step::operation).toList();
        assertThat(BruteForce.isExplanation(model, order, answered))
                .as("%s: %s explains", description, order)
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void itAcceptsWhatIsLinearizableByConstruction(Kind kind) {
        long firstSeed = new Random().nextLong();
        for (int run = 0; run < LONG_RUNS; run++) {
            accepts(kind, kind.model(), firstSeed + run);
        }
    }

    private static <S> void accepts(Kind kind, Model<S> model, long seed) {
        Random random = new Random(seed);
        RandomHistory histories = new RandomHistory(random, 6, 5, kind == Kind.LOCK ? 1_500_000 : 1_000);
        History history = kind.make(histories, 600, random.nextInt(3) * 0.02);
        Search.Result<S> result = search(model, history.operations(), List.of());
        String description = kind + ", seed " + seed;
        assertThat(result.outcome()).as(description).isEqualTo(Search.Outcome.FOUND);
        List<Operation> answered =
                history.operations().stream().filter(Operation::isOk).toList();
        assertIsExplanation(model, result, answered, description);
    }

    /** What is shown as unexplainable is so by itself, and nothing of it can be spared. */
    @ParameterizedTest
    @EnumSource
    void whatItShowsCanNotBeExplained(Kind kind) {
        long firstSeed = new Random().nextLong();
        int shown = 0;
        // How many swapped answers can still be explained is up to chance, so that is not what the number of runs hangs
        // on.
        for (int run = 0; shown < EXPLAINED && run < MAX_RUNS_TO_EXPLAIN; run++) {
            shown += explains(kind, kind.model(), firstSeed + run) ? 1 : 0;
        }
        assertThat(shown).as("explained, from seed %d on", firstSeed).isEqualTo(EXPLAINED);
    }

    private static <S> boolean explains(Kind kind, Model<S> model, long seed) {
        Random random = new Random(seed);
        RandomHistory histories = new RandomHistory(random, 4, 5, kind == Kind.LOCK ? 1_500_000 : 100);
        History history = histories.withSwappedAnswers(kind.make(histories, 40, random.nextInt(3) * 0.02));
        Verdict verdict = new LinearizabilityChecker(LIMITS).check(model, history);
        assertThat(verdict.outcome()).as("%s, seed %d", kind, seed).isNotEqualTo(Verdict.Outcome.UNKNOWN);
        if (verdict.isLinearizable()) {
            return false;
        }
        Counterexample counterexample = verdict.counterexample().orElseThrow();
        assertThat(new LinearizabilityChecker(LIMITS)
                        .check(model, counterexample.partAsHistory())
                        .outcome())
                .as("%s, seed %d: %s", kind, seed, counterexample.part())
                .isEqualTo(Verdict.Outcome.NOT_LINEARIZABLE);
        assertThat(counterexample.stuck()).as("%s, seed %d", kind, seed).isNotEmpty();
        return true;
    }
}
