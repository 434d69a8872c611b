package io.balsa.lock;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Consensus, the state machine, sessions and locks never learn what the wall clock says, so it can jump as it likes: no
 * election and no expiry comes of it. All their time is {@link System#nanoTime}, or the stamps of log entries.
 */
class WallClockTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(new LockArchitectureTest.DoNotIncludeTestJars())
            .importPackages("io.balsa.raft", "io.balsa.statemachine", "io.balsa.lock");

    @Test
    @Tag("case-10")
    void nothingReadsTheWallClock() {
        noClasses()
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethodWhere(target(nameMatching("now|instant|systemUTC|systemDefaultZone|currentTime")))
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching("java\\.util\\.(Date|Calendar|Timer|TimerTask)|java\\.time\\.(Clock|InstantSource)")
                .check(CLASSES);
    }
}
