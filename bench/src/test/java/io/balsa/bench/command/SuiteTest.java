package io.balsa.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.bench.Products;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

class SuiteTest {
    private final Suite usual = Suite.usual(name -> true);

    @Test
    void reachesEachBenchmarkOfBalsaAndTheFloors() {
        Set<String> there = BenchmarkList.defaultList()
                .getAll(OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of())
                .stream()
                .map(BenchmarkListEntry::getUsername)
                .filter(
                        name -> name.matches(
                                "io\\.balsa\\.bench\\.(FloorBenchmark|OpenLoopBenchmark|(parts|growth|cluster|lock)\\.\\w+)\\.\\w+"))
                .collect(Collectors.toSet());
        assertThat(usual.trials().stream()
                        .map(trial -> trial.benchmark().getName() + "." + trial.method())
                        .collect(Collectors.toSet()))
                .isEqualTo(there);
    }

    @Test
    void namesParametersThatTheBenchmarkHas() {
        List<SuiteTrial> all = new ArrayList<>(usual.trials());
        all.addAll(Suite.quick(name -> true).trials());
        all.addAll(Suite.targets(name -> true).trials());
        assertThat(all).allSatisfy(trial -> assertThat(parametersOf(trial.benchmark()))
                .containsAll(trial.parameters().keySet()));
    }

    private static Set<String> parametersOf(Class<?> benchmark) {
        return Stream.concat(
                        Stream.<Class<?>>iterate(benchmark, type -> type != Object.class, Class::getSuperclass),
                        Stream.of(benchmark.getDeclaredClasses()))
                .flatMap(type -> Stream.of(type.getDeclaredFields()))
                .filter(field -> field.isAnnotationPresent(Param.class))
                .map(Field::getName)
                .collect(Collectors.toSet());
    }

    @Test
    void whatIsComparedIsMeasuredSideBySide() {
        assertThat(Suite.usual(name -> name.contains("append and sync")).trials())
                .extracting(SuiteTrial::name)
                .startsWith(
                        "parts: append and sync, entries=1, log=SEGMENT",
                        "parts: append and sync, entries=1, log=SEGMENT_CACHED",
                        "parts: append and sync, entries=1, log=CHRONICLE",
                        "parts: append and sync, entries=1, log=FLOOR",
                        "parts: append and sync, entries=16, log=SEGMENT");
    }

    @Test
    void locksAreMeasuredAtAllServicesSideBySide() {
        assertThat(Suite.usual(name -> name.startsWith("locks: acquire")).trials())
                .extracting(SuiteTrial::name)
                .startsWith(
                        "locks: acquire and release, outstanding=1, backend=NATIVE",
                        "locks: acquire and release, outstanding=1, backend=REDIS",
                        "locks: acquire and release, outstanding=1, backend=ZOOKEEPER",
                        "locks: acquire and release, outstanding=1, backend=CONSUL",
                        "locks: acquire and release, outstanding=16, backend=NATIVE");
    }

    @Test
    void eachTrialHasANameOfItsOwn() {
        assertThat(usual.trials()).extracting(SuiteTrial::name).doesNotHaveDuplicates();
    }

    @Test
    void aPatternFindsPartsOfTheSuite() {
        Plan plan = Plan.usual(Products.all(), name -> name.startsWith("growth"));
        assertThat(plan.trials()).isEmpty();
        assertThat(plan.suite().trials()).isNotEmpty();
        assertThat(plan.count()).isEqualTo(plan.suite().trials().size());
        assertThat(plan.secondsAfter(0)).isGreaterThan(plan.secondsAfter(1));
        assertThat(plan.secondsAfter(plan.count())).isZero();
    }
}
