package io.balsa.statemachine;

import static io.balsa.statemachine.TestReplica.answer;
import static io.balsa.statemachine.TestResults.arrived;
import static io.balsa.statemachine.TestResults.error;
import static io.balsa.statemachine.TestResults.left;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.statemachine.proto.AwaitedBarrier;
import io.balsa.statemachine.proto.BarrierLeft;
import io.balsa.statemachine.proto.BarrierState;
import io.balsa.statemachine.proto.Error;
import io.balsa.statemachine.proto.LeaveBarrier;
import io.balsa.statemachine.proto.Result;
import io.balsa.statemachine.proto.SnapshotArrival;
import io.balsa.statemachine.proto.SnapshotBarrier;
import io.balsa.statemachine.proto.SnapshotHead;
import io.balsa.statemachine.proto.SnapshotRecord;
import io.balsa.statemachine.proto.SnapshotSession;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BarrierTableTest {
    private final TestReplica replica = new TestReplica();
    private final TestSession alice = replica.open("alice");
    private final TestSession bob = replica.open("bob");
    private final TestSession carol = replica.open("carol");

    @Test
    void allPassInTheEntryInWhichTheLastOneArrives() {
        assertThat(arrived(alice.arrives("start", 3)).getWaiting()).isEqualTo(1);
        assertThat(arrived(bob.arrives("start", 3)).getWaiting()).isEqualTo(2);
        CompletableFuture<byte[]> aliceWaits = replica.awaitsBarrier("start", alice);
        CompletableFuture<byte[]> bobWaits = replica.awaitsBarrier("start", bob);
        assertThat(aliceWaits).isNotDone();
        assertThat(replica.barrier("start")).isEqualTo(state(3, 2));

        Result last = carol.arrives("start", 3);

        assertThat(arrived(last).getPassed()).isTrue();
        assertThat(arrived(last).getGeneration()).isEqualTo(replica.lastIndex());
        for (CompletableFuture<byte[]> waits : List.of(aliceWaits, bobWaits, replica.awaitsBarrier("start", carol))) {
            assertThat(awaited(waits)).isEqualTo(passedAt(replica.lastIndex()));
        }
        assertThat(replica.barrier("start")).isEqualTo(BarrierState.getDefaultInstance());
    }

    @Test
    void theNextOnesToComeAreANewGeneration() {
        alice.arrives("start", 2);
        long first = arrived(bob.arrives("start", 2)).getGeneration();

        assertThat(arrived(carol.arrives("start", 3)).getPassed()).isFalse();
        alice.arrives("start", 3);
        long second = arrived(bob.arrives("start", 3)).getGeneration();

        assertThat(second).isGreaterThan(first);
        assertThat(awaited(replica.awaitsBarrier("start", alice))).isEqualTo(passedAt(second));
        assertThat(awaited(replica.awaitsBarrier("start", carol))).isEqualTo(passedAt(second));
    }

    @Test
    void oneIsEnoughForOne() {
        assertThat(arrived(alice.arrives("start", 1)).getPassed()).isTrue();
    }

    @Test
    @Tag("case-57")
    void whoArrivesTwiceCountsOnce() {
        Result first = alice.arrives("start", 2);

        assertThat(alice.retries()).isEqualTo(first);
        assertThat(arrived(alice.arrives("start", 2)).getWaiting()).isEqualTo(1);
        assertThat(arrived(alice.as(2).arrives("start", 2)).getPassed())
                .as("another handle of the session is another party")
                .isTrue();
    }

    @Test
    void anotherNumberOfPartiesIsRefusedWhileSomebodyWaits() {
        alice.arrives("start", 3);

        Result refused = bob.arrives("start", 2);

        assertThat(error(refused)).isEqualTo(Error.Code.INVALID);
        assertThat(refused.getError().getMessage()).contains("3 parties, not 2");
        assertThat(error(alice.arrives("start", 2))).isEqualTo(Error.Code.INVALID);
        assertThat(replica.barrier("start")).isEqualTo(state(3, 1));
        alice.leaves("start");
        assertThat(arrived(bob.arrives("start", 2)).getPassed()).isFalse();
    }

    @Test
    void whoLeavesDoesNotCountAnyMore() {
        alice.arrives("start", 2);
        CompletableFuture<byte[]> waits = replica.awaitsBarrier("start", alice);

        assertThat(left(alice.leaves("start")).getKind()).isEqualTo(BarrierLeft.Kind.LEFT);

        assertThat(awaited(waits)).isEqualTo(AwaitedBarrier.getDefaultInstance());
        assertThat(left(alice.leaves("start")).getKind()).isEqualTo(BarrierLeft.Kind.NOT_THERE);
        assertThat(arrived(bob.arrives("start", 2)).getPassed()).isFalse();
        assertThat(arrived(carol.arrives("start", 2)).getPassed()).isTrue();
    }

    @Test
    void whoLeavesTooLateIsToldThatItPassed() {
        alice.arrives("start", 2);
        long generation = arrived(bob.arrives("start", 2)).getGeneration();

        BarrierLeft late = left(alice.leaves("start"));

        assertThat(late.getKind()).isEqualTo(BarrierLeft.Kind.PASSED);
        assertThat(late.getGeneration()).isEqualTo(generation);
        assertThat(left(alice.leaves("start")).getKind()).isEqualTo(BarrierLeft.Kind.NOT_THERE);
    }

    @Test
    void nothingIsLeftOfABarrierThatAllHaveLeft() {
        alice.arrives("start", 2);
        bob.arrives("start", 2);
        alice.leaves("start");
        assertThat(replica.machine().state().barriers().find("start")).isNotNull();

        bob.leaves("start");

        assertThat(replica.machine().state().barriers().find("start")).isNull();
        assertThat(replica.machine().state().barriers().arrivalCount()).isZero();
    }

    @Test
    @Tag("case-69")
    void whoseSessionEndedDoesNotCountAnyMore() {
        TestSession mortal = replica.open("mortal", 5_000);
        mortal.arrives("start", 3);
        alice.arrives("start", 3);
        replica.passes(4_999);
        assertThat(replica.barrier("start")).isEqualTo(state(3, 2));

        // The entry that would open it is also the one by whose stamp a party is dead.
        replica.later(1);
        assertThat(arrived(bob.arrives("start", 3)).getPassed()).isFalse();

        assertThat(replica.barrier("start")).isEqualTo(state(3, 2));
        assertThat(arrived(carol.arrives("start", 3)).getPassed()).isTrue();
    }

    @Test
    void whoseSessionEndedAfterPassingIsForgotten() {
        TestSession mortal = replica.open("mortal");
        mortal.arrives("start", 2);
        alice.arrives("start", 2);
        alice.leaves("start");

        mortal.closes();

        assertThat(replica.machine().state().barriers().all()).isEmpty();
    }

    @Test
    void theLastOneToLeaveFreesTheNumberOfParties() {
        TestSession mortal = replica.open("mortal");
        mortal.arrives("start", 9);
        mortal.closes();

        assertThat(replica.barrier("start")).isEqualTo(BarrierState.getDefaultInstance());
        assertThat(arrived(alice.arrives("start", 1)).getPassed()).isTrue();
    }

    @Test
    void leavingGoesOnWhenResultsTakeAllTheRoom() {
        TestReplica small = new TestReplica(
                StateMachineLimits.builder().maxOutstandingResultBytes(1).build());
        TestSession session = small.open("alice");
        session.arrives("start", 2);

        assertThat(error(session.send(session.next().setAcknowledged(0)))).isEqualTo(Error.Code.LIMIT);
        LeaveBarrier leave = LeaveBarrier.newBuilder()
                .setName("start")
                .setHolder(session.holder())
                .build();
        assertThat(left(session.send(
                                session.next().setAcknowledged(0).setVersion(2).setLeaveBarrier(leave)))
                        .getKind())
                .isEqualTo(BarrierLeft.Kind.LEFT);
    }

    @Test
    void wrongArrivalsAreRefused() {
        assertThat(error(alice.arrives("", 2))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.arrives("x".repeat(513), 2))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.arrives("start", 0))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.arrives("start", -1))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.arrives("start", 10_001))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.leaves(""))).isEqualTo(Error.Code.INVALID);
        assertThat(arrived(alice.arrives("start", 10_000)).getPassed()).isFalse();
    }

    @Test
    void barriersAndArrivalsAreBounded() {
        TestReplica small = new TestReplica(StateMachineLimits.builder()
                .maxBarriers(2)
                .maxBarrierArrivals(3)
                .build());
        TestSession one = small.open("one");
        one.arrives("a", 2);
        one.arrives("b", 3);
        assertThat(error(one.arrives("c", 2))).isEqualTo(Error.Code.LIMIT);
        assertThat(arrived(one.as(2).arrives("a", 2)).getPassed()).isTrue();
        assertThat(error(one.as(2).arrives("b", 3))).isEqualTo(Error.Code.LIMIT);

        assertThat(arrived(one.arrives("a", 2)).getPassed())
                .as("who passed and comes again takes its own room")
                .isFalse();
        one.as(2).leaves("a");
        assertThat(arrived(one.as(2).arrives("b", 3)).getPassed()).isFalse();
    }

    @Test
    @Tag("case-56")
    void aRestoredBarrierGoesOn() {
        alice.arrives("start", 2);
        long generation = arrived(bob.arrives("start", 2)).getGeneration();
        carol.as(2).arrives("start", 3);
        carol.arrives("start", 3);

        TestReplica restored = replica.restored();

        assertThat(restored.snapshot()).isEqualTo(replica.snapshot());
        assertThat(restored.barrier("start")).isEqualTo(state(3, 2));
        assertThat(awaited(restored.awaitsBarrier("start", alice))).isEqualTo(passedAt(generation));
        assertThat(restored.awaitsBarrier("start", carol)).isNotDone();
        assertThat(arrived(alice.on(restored).arrives("start", 3)).getPassed()).isTrue();
        restored.passes(TestReplica.SESSION_TTL);
        assertThat(restored.machine().state().barriers().all()).isEmpty();
    }

    @Test
    @Tag("case-56")
    void aSnapshotWithAnImpossibleBarrierIsRefused() throws IOException {
        SnapshotArrival waits =
                SnapshotArrival.newBuilder().setSession(1).setHolder(1).build();
        SnapshotArrival passed = waits.toBuilder().setHolder(2).setGeneration(5).build();
        SnapshotBarrier good = SnapshotBarrier.newBuilder()
                .setName("start")
                .setParties(2)
                .addWaiting(waits)
                .addPassed(passed)
                .build();
        restore(good);

        assertRefused(good, good);
        assertRefused(good.toBuilder().setParties(1).build());
        assertRefused(good.toBuilder().setParties(0).build());
        assertRefused(good.toBuilder().clearWaiting().build());
        assertRefused(SnapshotBarrier.newBuilder().setName("start").build());
        assertRefused(good.toBuilder().setParties(3).addWaiting(waits).build());
        assertRefused(good.toBuilder().setParties(3).addWaiting(passed).build());
        assertRefused(good.toBuilder().addPassed(waits.toBuilder().setHolder(3)).build());
        assertRefused(
                good.toBuilder().addPassed(passed.toBuilder().setSession(2)).build());
    }

    private static void assertRefused(SnapshotBarrier... barriers) {
        assertThatThrownBy(() -> restore(barriers))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged");
    }

    private static void restore(SnapshotBarrier... barriers) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        SnapshotCodec.Writer writer = new SnapshotCodec.Writer(bytes, FormatVersions.SNAPSHOT);
        writer.write(SnapshotRecord.newBuilder()
                .setHead(SnapshotHead.newBuilder().setIndex(9))
                .build());
        writer.write(SnapshotRecord.newBuilder()
                .setSession(SnapshotSession.newBuilder().setId(1).setTtlMillis(1000))
                .build());
        for (SnapshotBarrier barrier : barriers) {
            writer.write(SnapshotRecord.newBuilder().setBarrier(barrier).build());
        }
        writer.finish();
        new CoordinationStateMachine().restore(new ByteArrayInputStream(bytes.toByteArray()));
    }

    /** Against a model that is a set of those who wait, and through snapshots. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("io.balsa.statemachine.Seeds#all")
    @Tag("case-70")
    void itOpensWhenAModelDoes(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<TestSession> handles = new ArrayList<>();
        List.of(alice, bob, carol).forEach(session -> {
            handles.add(session);
            handles.add(session.as(2));
        });
        Set<TestSession> waiting = new LinkedHashSet<>();
        Map<TestSession, Long> passed = new HashMap<>();
        Map<TestSession, CompletableFuture<byte[]>> waits = new HashMap<>();
        int parties = 0;
        int generations = 0;
        TestReplica current = replica;
        for (int step = 0; step < 1_500; step++) {
            TestSession handle = handles.get(random.nextInt(handles.size()));
            TestSession speaker = handle.on(current);
            if (random.nextInt(4) == 0) {
                BarrierLeft left = left(speaker.leaves("b"));
                assertThat(left.getKind())
                        .isEqualTo(
                                waiting.contains(handle)
                                        ? BarrierLeft.Kind.LEFT
                                        : passed.containsKey(handle)
                                                ? BarrierLeft.Kind.PASSED
                                                : BarrierLeft.Kind.NOT_THERE);
                assertThat(left.getGeneration()).isEqualTo(passed.getOrDefault(handle, 0L));
                if (waiting.remove(handle)) {
                    assertThat(awaited(waits.remove(handle))).isEqualTo(AwaitedBarrier.getDefaultInstance());
                }
                passed.remove(handle);
            } else {
                int wanted = 2 + random.nextInt(3);
                Result result = speaker.arrives("b", wanted);
                if (!waiting.isEmpty() && wanted != parties) {
                    assertThat(error(result)).isEqualTo(Error.Code.INVALID);
                } else {
                    parties = wanted;
                    passed.remove(handle);
                    waiting.add(handle);
                    assertThat(arrived(result).getPassed()).isEqualTo(waiting.size() == parties);
                }
            }
            if (!waiting.isEmpty() && waiting.size() == parties) {
                generations++;
                for (TestSession each : waiting) {
                    passed.put(each, current.lastIndex());
                    CompletableFuture<byte[]> wait = waits.remove(each);
                    if (wait != null) {
                        assertThat(awaited(wait)).isEqualTo(passedAt(current.lastIndex()));
                    }
                }
                waiting.clear();
            }
            if (step % 50 == 0) {
                TestReplica restored = current.restored();
                assertThat(restored.snapshot()).isEqualTo(current.snapshot());
                current = restored;
                waits.clear();
            }
            for (TestSession each : waiting) {
                TestReplica asked = current;
                assertThat(waits.computeIfAbsent(each, key -> asked.awaitsBarrier("b", key)))
                        .isNotDone();
            }
            assertThat(current.barrier("b")).isEqualTo(state(waiting.isEmpty() ? 0 : parties, waiting.size()));
        }
        assertThat(generations).isGreaterThan(50);
    }

    private static BarrierState state(int parties, int waiting) {
        return BarrierState.newBuilder().setParties(parties).setWaiting(waiting).build();
    }

    private static AwaitedBarrier passedAt(long generation) {
        return AwaitedBarrier.newBuilder()
                .setPassed(true)
                .setGeneration(generation)
                .build();
    }

    private static AwaitedBarrier awaited(CompletableFuture<byte[]> reply) {
        return answer(reply).getAwaitedBarrier();
    }
}
