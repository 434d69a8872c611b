package io.balsa.statemachine;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.PrintStream;
import java.time.Clock;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/** The state machine is deterministic because it can't reach anything that is not (case 26). */
@AnalyzeClasses(packages = "io.balsa.statemachine", importOptions = ImportOption.DoNotIncludeTests.class)
class StateMachineArchitectureTest {
    private static final String ROOT = "io.balsa.statemachine";

    @ArchTest
    static final ArchRule THE_ROOT_PACKAGE_DEPENDS_ON_CORE_AND_PORT_ONLY = classes()
            .that()
            .resideInAPackage(ROOT)
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                            ROOT,
                            ROOT + ".proto",
                            "io.balsa.raft.core",
                            "io.balsa.raft.port",
                            "com.google.protobuf..",
                            "java.lang",
                            "java.lang.invoke",
                            "java.io",
                            "java.nio",
                            "java.nio.charset",
                            "java.security",
                            "java.util",
                            "java.util.function",
                            "java.util.stream",
                            "java.util.zip",
                            "java.lang.runtime")
                    .or(type(CompletableFuture.class)));

    @ArchTest
    static final ArchRule NO_CLOCK_RANDOM_OR_THREAD = noClasses()
            .that()
            .resideInAPackage(ROOT)
            .should()
            .dependOnClassesThat()
            .areAssignableTo(Thread.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Random.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(RandomGenerator.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Clock.class)
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "identityHashCode", Object.class)
            .orShould()
            .callMethod(Math.class, "random");

    @ArchTest
    static final ArchRule NOTHING_IS_PRINTED = noClasses()
            .that()
            .resideInAPackage(ROOT)
            .should()
            .dependOnClassesThat()
            .areAssignableTo(PrintStream.class);
}
