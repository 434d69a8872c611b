package io.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/**
 * Scenarios of the protocol on bare cores, as scripts with their expected output in {@code src/test/resources/scripts}. Each
 * method plays the script that is named like it.
 *
 * <p>{@code -Dscripts.rewrite=true} writes the output of today into the files; whoever does that reviews it like code.
 */
class GoldenScriptTest {
    private static final Path SCRIPTS =
            Path.of(System.getProperty("basedir", ""), "src", "test", "resources", "scripts");

    @Test
    void electionOfThree(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    void removalWithoutMajority(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    void leaverLearnsOfItsRemoval(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    void gathering(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-1")
    void splitVote(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-2")
    void voteNotCleared(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-3")
    void voteDurableBeforeSent(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-4")
    void preVoteDenied(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-5")
    void partialLink(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-6")
    void checkQuorum(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-7")
    void stickiness(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-8")
    void lateVoteReplies(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-14")
    void figure7(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-15")
    void figure8(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-16")
    void conflictingSuffix(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-17")
    void staleAppends(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-18")
    void lateSyncReport(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-19")
    void ownSyncCounts(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-20")
    void lostTail(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-21")
    void farBehind(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-22")
    void probeLost(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-23")
    void diskStall(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-24")
    void uncommittedCap(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-61")
    void deposedRead(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-62")
    void readBeforeOwnCommit(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-63")
    void readOfLaterRound(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-10")
    @Tag("case-71")
    void replicatedClock(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    void acknowledgeWhileAsking(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    void transfer(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-12")
    void transferTimesOut(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-13")
    void learnerVotes(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-41")
    void changeBeforeOwnCommit(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-42")
    void oneChangeOnly(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-43")
    void changeInPartition(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-44")
    void leaderRemoved(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-44")
    @Tag("case-45")
    void leaverCampaigns(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-45")
    void leaderDiesInJointPhase(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-46")
    void configurationOverwritten(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-47")
    void removedCampaigns(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-48")
    void learnerCaughtUp(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-49")
    void removedNameRefused(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-51")
    void leaderChangesDuringInstall(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-52")
    void oldSnapshotIgnored(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-54")
    void logPurgedDuringInstall(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    void snapshotAfterLostWindow(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-63")
    void followerRead(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-64")
    void leaseRead(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    @Tag("case-64")
    void leaseOfLeaver(TestInfo test) throws IOException {
        play(test);
    }

    @Test
    void everyScriptIsPlayed() throws IOException {
        Set<String> methods = Arrays.stream(GoldenScriptTest.class.getDeclaredMethods())
                .filter(method -> Arrays.asList(method.getParameterTypes()).contains(TestInfo.class))
                .map(method -> fileName(method.getName()))
                .collect(Collectors.toSet());
        methods.remove("play.txt");
        try (Stream<Path> files = Files.list(SCRIPTS)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrderElementsOf(methods);
        }
    }

    private static void play(TestInfo test) throws IOException {
        Path file = SCRIPTS.resolve(fileName(test.getTestMethod().orElseThrow().getName()));
        Script script = Script.read(file);
        String played = script.play();
        if (Boolean.getBoolean("scripts.rewrite")) {
            Files.writeString(file, played, StandardCharsets.UTF_8);
        } else {
            assertThat(played)
                    .as("%s (-Dscripts.rewrite=true rewrites it)", file)
                    .isEqualTo(script.text());
        }
    }

    /** "splitVote" plays "split-vote.txt". */
    private static String fileName(String method) {
        return method.replaceAll("([A-Z0-9]+)", "-$1").toLowerCase(Locale.ROOT) + ".txt";
    }
}
