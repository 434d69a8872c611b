package io.balsa.lock;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Which way the arrows point between the modules that locks stand on (DESIGN: "Modules, from the ground up"). */
@AnalyzeClasses(packages = "io.balsa", importOptions = ImportOption.DoNotIncludeTests.class)
class LockArchitectureTest {
    /** So that locks of other systems can stand beside the native one, and run against any cluster. */
    @ArchTest
    static final ArchRule LOCKS_KNOW_SESSIONS_AND_NOT_WHAT_IS_BELOW = classes()
            .that()
            .resideInAPackage("io.balsa.lock..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..",
                    "org.slf4j..",
                    "io.lettuce..",
                    "io.balsa.lock..",
                    "io.balsa.statemachine.session..",
                    "io.balsa.raft.client..");

    /** Whoever needs no locks of Redis needs no client of it. */
    @ArchTest
    static final ArchRule ONLY_LOCKS_OF_REDIS_KNOW_ITS_CLIENT = noClasses()
            .that()
            .resideOutsideOfPackage("io.balsa.lock.redis..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.lettuce..", "io.balsa.lock.redis..");

    @ArchTest
    static final ArchRule NO_ARROW_RUNS_UPWARD = noClasses()
            .that()
            .resideInAnyPackage("io.balsa.raft..", "io.balsa.statemachine..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.balsa.lock..", "io.balsa.discovery..", "io.balsa.cap..", "io.balsa.server..");

    @ArchTest
    static final ArchRule RAFT_KNOWS_NO_STATE_MACHINE = noClasses()
            .that()
            .resideInAPackage("io.balsa.raft..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.balsa.statemachine..");

    /** A client must not need a server's parts: only the session's connector picks the network. */
    @ArchTest
    static final ArchRule SESSIONS_KNOW_NO_NODE = noClasses()
            .that()
            .resideInAPackage("io.balsa.statemachine.session..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.balsa.statemachine",
                    "io.balsa.statemachine.node..",
                    "io.balsa.raft.node..",
                    "io.balsa.raft.core..");
}
