package io.balsa.simulation.planted;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Shows that the simulator sees: it finds every bug that is planted in what it simulates. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PlantedBugsTest {
    private static final int MOST_SEEDS = 2_000;
    private static final int FEWEST_BUGS = 30;
    private static final int THREADS = 2;
    /** Whether to begin every search anew and to write the table. */
    private static final boolean ANEW = Boolean.getBoolean("planted.anew");

    private static final Map<String, Future<Optional<Mutant.Finding>>> SEARCHES = new TreeMap<>();
    private static final Map<String, Optional<Mutant.Finding>> FINDINGS = new ConcurrentHashMap<>();

    private static ExecutorService threads;
    private static MutantCompiler compiler;

    @BeforeAll
    static void beginAllSearches() throws IOException {
        threads = Executors.newFixedThreadPool(THREADS);
        compiler = new MutantCompiler();
        Map<String, PlantedBugsTable.Row> table = PlantedBugsTable.read();
        for (PlantedBug bug : PlantedBugs.all()) {
            Optional<Long> known = ANEW
                    ? Optional.empty()
                    : Optional.ofNullable(table.get(bug.name())).map(PlantedBugsTable.Row::seed);
            SEARCHES.put(bug.name(), threads.submit(() -> search(bug, known)));
        }
    }

    @AfterAll
    static void endAllSearches() throws IOException {
        threads.shutdownNow();
        compiler.close();
    }

    private static Optional<Mutant.Finding> search(PlantedBug bug, Optional<Long> known)
            throws IOException, ReflectiveOperationException {
        Map<String, byte[]> classes;
        synchronized (compiler) {
            classes = compiler.compile(bug);
        }
        Mutant mutant = new Mutant(classes);
        Optional<Mutant.Finding> again = known.flatMap(mutant::run);
        return again.isPresent() ? again : mutant.search(MOST_SEEDS);
    }

    static List<PlantedBug> plantedBugs() {
        return PlantedBugs.all();
    }

    @ParameterizedTest
    @MethodSource("plantedBugs")
    @Order(1)
    void isFound(PlantedBug bug) throws InterruptedException, ExecutionException {
        Optional<Mutant.Finding> finding = SEARCHES.get(bug.name()).get();
        FINDINGS.put(bug.name(), finding);
        assertThat(finding).as("in %d seeds", MOST_SEEDS).isPresent();
    }

    @Test
    @Order(2)
    void theTableListsThemAll() throws IOException {
        if (ANEW) {
            PlantedBugsTable.write(PlantedBugs.all(), FINDINGS);
        }
        Map<String, PlantedBugsTable.Row> table = PlantedBugsTable.read();
        assertThat(table).hasSizeGreaterThanOrEqualTo(FEWEST_BUGS);
        assertThat(table.values()).allMatch(row -> row.seed() <= MOST_SEEDS);
        assertThat(table.entrySet().stream()
                        .collect(Collectors.toMap(
                                Map.Entry::getKey,
                                row -> row.getValue().cases() + ": "
                                        + row.getValue().rule())))
                .isEqualTo(PlantedBugs.all().stream()
                        .collect(Collectors.toMap(
                                PlantedBug::name, bug -> PlantedBugsTable.casesOf(bug) + ": " + bug.rule())));
    }

    /** What is found is the bug, and not the way in which it is planted. */
    @Test
    @Order(3)
    void theSameSeedsFindNothingWhereNothingIsPlanted() throws IOException, ReflectiveOperationException {
        Mutant sound = new Mutant(Map.of());
        List<Long> seeds = PlantedBugsTable.read().values().stream()
                .map(PlantedBugsTable.Row::seed)
                .distinct()
                .toList();
        assertThat(seeds).allSatisfy(seed -> assertThat(sound.run(seed)).isEmpty());
    }
}
