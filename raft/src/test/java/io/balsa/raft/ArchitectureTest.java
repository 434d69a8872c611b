package io.balsa.raft;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;

/** The rooms of this module, and which way the arrows between them point (DESIGN: "raft: four rooms"). */
@AnalyzeClasses(packages = "io.balsa.raft", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String ROOT = "io.balsa.raft";
    private static final String CORE = ROOT + ".core";
    private static final String PORT = ROOT + ".port";
    private static final String NODE = ROOT + ".node";
    private static final String CLIENT = ROOT + ".client";
    private static final String ADAPTER = ROOT + ".adapter";
    private static final String PROTO = ROOT + ".proto";

    /** Classes of the packages that the core may use which give other answers in every run. */
    private static final Set<String> IMPURE = Set.of(
            "java.lang.Thread",
            "java.lang.Runtime",
            "java.lang.Process",
            "java.util.Date",
            "java.util.Random",
            "java.util.Timer",
            "java.util.UUID");

    /** No clock, thread, logger, socket, file or random global: the same inputs always give the same outputs. */
    @ArchTest
    static final ArchRule CORE_IS_PURE = classes()
            .that()
            .resideInAPackage(CORE + "..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                            CORE + "..",
                            "java.lang",
                            "java.lang.invoke",
                            "java.lang.runtime",
                            "java.util",
                            "java.util.function",
                            "java.util.stream")
                    .and(not(describe("impure", type -> IMPURE.contains(type.getName())))))
            .because("the core takes time as ticks and randomness as a seed");

    @ArchTest
    static final ArchRule CORE_ASKS_THE_SYSTEM_NOTHING = noClasses()
            .that()
            .resideInAPackage(CORE + "..")
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Math.class, "random")
            .orShould()
            .callMethod(System.class, "identityHashCode", Object.class);

    @ArchTest
    static final ArchRule PORT_KNOWS_ONLY_CORE = ours(PORT, CORE, PORT);

    @ArchTest
    static final ArchRule NODE_KNOWS_NO_ADAPTER = ours(NODE, CORE, PORT, NODE);

    @ArchTest
    static final ArchRule CLIENT_KNOWS_NO_ADAPTER = ours(CLIENT, CORE, PORT, CLIENT);

    @ArchTest
    static final ArchRule ADAPTER_KNOWS_NO_NODE = ours(ADAPTER, CORE, PORT, ADAPTER, PROTO);

    @ArchTest
    static final ArchRule ONLY_ADAPTERS_KNOW_THE_WORLD = noClasses()
            .that()
            .resideOutsideOfPackages(ADAPTER + "..", PROTO + "..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..", "net.openhft..", "com.google.protobuf..", PROTO + "..")
            .because("whoever assembles a node picks the adapters");

    @ArchTest
    static final ArchRule NOBODY_PRINTS = noClasses()
            .that()
            .resideOutsideOfPackage(PROTO + "..")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err")
            .orShould()
            .callMethod(Throwable.class, "printStackTrace")
            .because("a library logs, or tells its caller");

    @ArchTest
    static final ArchRule NO_CIRCLES =
            slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

    /** Of the classes of this project, those in this package use only those in the packages named. */
    private static ArchRule ours(String from, String... allowed) {
        String[] patterns = new String[allowed.length];
        for (int i = 0; i < allowed.length; i++) {
            patterns[i] = allowed[i] + "..";
        }
        return noClasses()
                .that()
                .resideInAPackage(from + "..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.balsa..").and(not(resideInAnyPackage(patterns))))
                .allowEmptyShould(true);
    }
}
