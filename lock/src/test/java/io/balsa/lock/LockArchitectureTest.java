package io.balsa.lock;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.balsa.statemachine.FormatVersions;
import java.util.stream.Stream;

/** Which way the arrows point between the modules that locks stand on (DESIGN: "Modules, from the ground up"). */
@AnalyzeClasses(
        packages = "io.balsa",
        importOptions = {ImportOption.DoNotIncludeTests.class, LockArchitectureTest.DoNotIncludeTestJars.class})
class LockArchitectureTest {
    /** The tests of the modules below, as this module's tests have them. */
    static final class DoNotIncludeTestJars implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar");
        }
    }

    /** So that locks of other systems can stand beside the native one, and run against any cluster. */
    @ArchTest
    static final ArchRule LOCKS_KNOW_SESSIONS_AND_NOT_WHAT_IS_BELOW =
            onlyKnow("io.balsa.lock", "io.balsa.lock.backend..");

    /** Whoever embeds only native locks needs no client of another service: nothing outside of its package names one. */
    @ArchTest
    static final ArchRule LOCKS_OF_REDIS_KNOW_ITS_CLIENT =
            onlyKnow("io.balsa.lock.redis..", "io.lettuce..", "io.netty.util.concurrent..");

    @ArchTest
    static final ArchRule LOCKS_OF_ZOOKEEPER_KNOW_ITS_CLIENT =
            onlyKnow("io.balsa.lock.zookeeper..", "org.apache.curator..", "org.apache.zookeeper..");

    @ArchTest
    static final ArchRule LOCKS_OF_CONSUL_KNOW_ITS_CLIENT =
            onlyKnow("io.balsa.lock.consul..", "org.kiwiproject.consul..", "okhttp3..");

    @ArchTest
    static final ArchRule FENCES_KNOW_NO_SERVICE = onlyKnow("io.balsa.lock.fencing..", "java.sql..");

    private static ArchRule onlyKnow(String locks, String... others) {
        String[] allowed = Stream.concat(
                        Stream.of(others),
                        Stream.of(
                                locks,
                                "java..",
                                "org.slf4j..",
                                "io.balsa.lock",
                                "io.balsa.lock.backend..",
                                "io.balsa.statemachine.session..",
                                "io.balsa.raft.client.."))
                .toArray(String[]::new);
        return classes()
                .that()
                .resideInAPackage(locks)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed);
    }

    /** So that a Java runtime without the module {@code java.sql} is enough for who fences no database. */
    @ArchTest
    static final ArchRule ONLY_FENCES_KNOW_DATABASES = noClasses()
            .that()
            .resideInAPackage("io.balsa.lock..")
            .and()
            .resideOutsideOfPackage("io.balsa.lock.fencing..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "javax.sql..");

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

    /**
     * A client must not need a server's parts: only the session's connector picks the network. Which formats there are, both
     * must know.
     */
    @ArchTest
    static final ArchRule SESSIONS_KNOW_NO_NODE = noClasses()
            .that()
            .resideInAPackage("io.balsa.statemachine.session..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                            "io.balsa.statemachine",
                            "io.balsa.statemachine.node..",
                            "io.balsa.raft.node..",
                            "io.balsa.raft.core..")
                    .and(not(equivalentTo(FormatVersions.class))));
}
