package io.balsa.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.statemachine.proto.LockMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SimulatorTest {
    private static final SimulationOptions OPTIONS = SimulationOptions.defaults();
    private static final SimulationOptions WITHOUT_TIME =
            SimulationOptions.builder().chaos(Duration.ofMillis(1)).build();

    @Test
    void aSeedGivesTheSameRunEachTime() {
        for (long seed = 1; seed <= 10; seed++) {
            SimulationResult first = Simulator.run(seed, OPTIONS);
            SimulationResult second = Simulator.run(seed, OPTIONS);
            assertThat(first.violation()).as("seed %d", seed).isEmpty();
            assertThat(second.traceHash()).as("seed %d", seed).isEqualTo(first.traceHash());
        }
    }

    @Test
    void whoeverReadsTheTraceChangesNothing() {
        List<String> lines = new ArrayList<>();
        SimulationResult read = Simulator.run(7, OPTIONS.withTailLines(10), lines::add);
        assertThat(read.traceHash()).isEqualTo(Simulator.run(7, OPTIONS).traceHash());
        assertThat(lines).hasSizeGreaterThan(100);
        assertThat(read.tail()).isEqualTo(lines.subList(lines.size() - 10, lines.size()));
    }

    @Test
    void aTraceBeginsWithLinesThatFitATerminal() {
        for (long seed = 1; seed <= 30; seed++) {
            List<String> lines = new ArrayList<>();
            Simulator.run(seed, WITHOUT_TIME, lines::add);
            List<String> plan =
                    lines.stream().takeWhile(line -> line.contains(" -- ")).toList();
            assertThat(plan.get(0)).contains("seed " + seed + ":");
            assertThat(plan).hasSizeBetween(6, 12).allMatch(line -> line.length() <= 80);
        }
    }

    @Test
    void aReplayShowsThatTwoRunsDiffer() {
        SimulationResult replayed = Simulator.replay(1, neverTheSame(), line -> {});
        assertThat(replayed.violation())
                .hasValueSatisfying(broken -> assertThat(broken.invariant()).isEqualTo("determinism"));
        List<String> lines = new ArrayList<>();
        SimulationResult same = Simulator.replay(1, counting(CounterMachine::new), lines::add);
        assertThat(same.violation()).isEmpty();
        assertThat(lines).isNotEmpty();
    }

    @Test
    void aSeriesEndsAtTheFirstSeedThatIsNotTheSameTwice() throws InterruptedException {
        SeedSeries series = SeedSeries.begin(neverTheSame(), 5, 3, Optional.empty(), 1);
        assertThat(series.await(Duration.ofMinutes(5))).isTrue();
        assertThat(series.progress().failure()).hasValueSatisfying(failure -> {
            assertThat(failure.seed()).isEqualTo(5);
            assertThat(failure.violation().orElseThrow().invariant()).isEqualTo("determinism");
        });
    }

    @Test
    void aSeriesWhoseSimulatorFailsNamesTheSeedAndTheCommand() {
        SimulationOptions options = SimulationOptions.builder()
                .workload(context -> {
                    throw new IllegalStateException("no workload");
                })
                .build();
        SeedSeries series = SeedSeries.begin(options, 5, 3, Optional.empty(), 1);
        assertThatThrownBy(() -> series.await(Duration.ofMinutes(5)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("seed 5")
                .hasMessageContaining("balsa simulate --replay 5")
                .hasRootCauseMessage("no workload");
    }

    @Test
    void aSeriesTellsOfEachSeedAndEndsWhenItIsTold() throws InterruptedException {
        CompletableFuture<SeedSeries> itself = new CompletableFuture<>();
        List<Long> told = new ArrayList<>();
        SeedSeries series =
                SeedSeries.begin(counting(CounterMachine::new), 5, Long.MAX_VALUE, Optional.empty(), 1, result -> {
                    told.add(result.seed());
                    if (told.size() == 3) {
                        itself.join().stop();
                    }
                });
        itself.complete(series);
        assertThat(series.await(Duration.ofMinutes(5))).isTrue();
        assertThat(told).containsExactly(5L, 6L, 7L);
        assertThat(series.progress().passed()).isEqualTo(3);
        assertThat(series.progress().failure()).isEmpty();
    }

    /** Each run is unlike the one before it, though it has the same seed. */
    private static SimulationOptions neverTheSame() {
        AtomicLong runs = new AtomicLong();
        return SimulationOptions.builder()
                .stateMachine(CounterMachine::new)
                .workload(context -> {
                    long run = runs.incrementAndGet();
                    return new CounterWorkload(context) {
                        @Override
                        public void begin(ClientProcess process) {
                            process.witness(run);
                            super.begin(process);
                        }
                    };
                })
                .build();
    }

    @Test
    void withoutFaultsThereIsOneTermAndAllIsServed() {
        SimulationResult result =
                Simulator.run(3, SimulationOptions.builder().faults(Set.of()).build());
        assertThat(result.violation()).isEmpty();
        assertThat(result.terms()).isEqualTo(1);
        assertThat(result.operations()).isGreaterThan(100);
    }

    @Test
    void seedsDrawFaultsOfEveryKind() {
        Map<Fault, Long> injected = new EnumMap<>(Fault.class);
        for (long seed = 100; seed < 160; seed++) {
            SimulationResult result = Simulator.run(seed, OPTIONS);
            assertThat(result.violation()).as("seed %d", seed).isEmpty();
            result.faults().forEach((fault, times) -> injected.merge(fault, times, Long::sum));
        }
        assertThat(injected).containsOnlyKeys(Fault.values());
        assertThat(injected.values()).allMatch(times -> times > 0);
    }

    /** Who judges locks is worth what the clients do with them. */
    @Test
    @Tag("case-67")
    @Tag("case-68")
    @Tag("case-69")
    @Tag("case-72")
    @Tag("case-73")
    @Tag("case-74")
    void locksAreHeldInEveryModeAndWatched() {
        Set<LockMode> modes = EnumSet.noneOf(LockMode.class);
        List<CoordinationWorkload> workloads = new ArrayList<>();
        SimulationOptions options = SimulationOptions.builder()
                .workload(context -> {
                    workloads.add(new CoordinationWorkload(context));
                    return workloads.get(workloads.size() - 1);
                })
                .build();
        for (long seed = 200; seed < 210; seed++) {
            SimulationResult result = Simulator.run(seed, options);
            assertThat(result.violation()).as("seed %d", seed).isEmpty();
        }
        workloads.forEach(workload -> modes.addAll(workload.queues().modesHeld()));
        assertThat(modes).containsAll(EnumSet.complementOf(EnumSet.of(LockMode.UNRECOGNIZED)));
        assertThat(workloads.stream()
                        .mapToLong(workload -> workload.locks().refused())
                        .sum())
                .as("accesses with an old token were refused")
                .isPositive();
        assertThat(workloads.stream()
                        .mapToLong(workload -> workload.observers().told())
                        .sum())
                .as("watches told of holders")
                .isGreaterThan(30);
    }

    /** The example of docs/simulation.md. */
    @Test
    void runsAStateMachineOfOnesOwn() {
        for (long seed = 1; seed <= 10; seed++) {
            SimulationResult result = Simulator.run(seed, counting(CounterMachine::new));
            assertThat(result.violation()).as("seed %d", seed).isEmpty();
            assertThat(result.operations()).as("seed %d", seed).isPositive();
        }
    }

    @Test
    void findsWhatIsWrongWithAStateMachineOfOnesOwn() {
        SimulationOptions options = counting(() -> new CounterMachine() {
            @Override
            public void read(byte[] query, CompletableFuture<byte[]> reply) {
                reply.complete(bytes(value() / 2 * 2)); // It does not count the last one of an odd number.
            }
        });
        Optional<Violation> first = LongStream.rangeClosed(1, 20)
                .mapToObj(seed -> Simulator.run(seed, options).violation())
                .flatMap(Optional::stream)
                .findFirst();
        assertThat(first)
                .hasValueSatisfying(broken -> assertThat(broken.invariant()).isEqualTo("counter"));
    }

    private static SimulationOptions counting(Supplier<CounterMachine> machine) {
        return SimulationOptions.builder()
                .stateMachine(machine)
                .workload(CounterWorkload::new)
                .build();
    }

    @Test
    void nothingOutlivesARun() {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        Simulator.run(11, OPTIONS);
        assertThat(Thread.getAllStackTraces().keySet()).isSubsetOf(before);
    }
}
