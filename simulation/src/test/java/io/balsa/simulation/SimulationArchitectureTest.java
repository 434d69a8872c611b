package io.balsa.simulation;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Which way the arrows point around the simulation (DESIGN: "Modules, from the ground up"). */
@AnalyzeClasses(packages = "io.balsa", importOptions = ImportOption.DoNotIncludeTests.class)
class SimulationArchitectureTest {
    /** So that whoever tests a state machine of their own brings neither locks nor a server. */
    @ArchTest
    static final ArchRule SIMULATION_STANDS_ON_RAFT_AND_STATE_MACHINE = noClasses()
            .that()
            .resideInAPackage("io.balsa.simulation..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.balsa.lock..", "io.balsa.discovery..", "io.balsa.cap..", "io.balsa.server..", "io.netty..");

    @ArchTest
    static final ArchRule NO_ARROW_RUNS_UPWARD = noClasses()
            .that()
            .resideInAnyPackage("io.balsa.raft..", "io.balsa.statemachine..", "io.balsa.lock..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.balsa.simulation..");

    /** Histories come from anywhere, also from other systems: judging them needs nothing of Balsa. */
    @ArchTest
    static final ArchRule HISTORIES_KNOW_NOTHING_OF_RAFT = classes()
            .that()
            .resideInAPackage("io.balsa.simulation.history..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "com.fasterxml.jackson.core..", "io.balsa.simulation.history..");
}
