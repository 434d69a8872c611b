package io.balsa.statemachine;

import static io.balsa.statemachine.TestReplica.answer;
import static io.balsa.statemachine.TestResults.counted;
import static io.balsa.statemachine.TestResults.error;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.statemachine.proto.Answer;
import io.balsa.statemachine.proto.CounterKind;
import io.balsa.statemachine.proto.CounterState;
import io.balsa.statemachine.proto.CounterUpdated;
import io.balsa.statemachine.proto.Error;
import io.balsa.statemachine.proto.Result;
import io.balsa.statemachine.proto.SnapshotCounter;
import io.balsa.statemachine.proto.SnapshotHead;
import io.balsa.statemachine.proto.SnapshotRecord;
import io.balsa.statemachine.proto.UpdateCounter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CounterTableTest {
    private static final CounterKind LATCH = CounterKind.COUNTER_KIND_LATCH;
    private static final CounterKind LONG = CounterKind.COUNTER_KIND_ATOMIC_LONG;

    private final TestReplica replica = new TestReplica();
    private final TestSession alice = replica.open("alice");

    @Test
    void anUpdateTellsTheValueBeforeAndAfter() {
        assertThat(replica.counter("jobs")).isEqualTo(CounterState.getDefaultInstance());

        assertThat(counted(alice.adds("jobs", 5))).isEqualTo(updated(0, 5, true));
        assertThat(replica.counter("jobs").getChangedIndex()).isEqualTo(replica.lastIndex());
        assertThat(counted(alice.adds("jobs", -7))).isEqualTo(updated(5, -2, true));
        assertThat(counted(alice.sets("jobs", 40))).isEqualTo(updated(-2, 40, true));
        assertThat(counted(alice.swaps("jobs", 41, 1))).isEqualTo(updated(40, 40, false));
        assertThat(counted(alice.swaps("jobs", 40, 1))).isEqualTo(updated(40, 1, true));
        assertThat(replica.counter("jobs").getValue()).isEqualTo(1);
    }

    @Test
    void anUpdateThatChangesNothingLeavesTheIndexOfTheLastChange() {
        alice.sets("jobs", 3);
        long changed = replica.lastIndex();

        assertThat(counted(alice.sets("jobs", 3))).isEqualTo(updated(3, 3, true));
        alice.adds("jobs", 0);
        alice.swaps("jobs", 4, 5);
        alice.adds("jobs", -4, 0);

        assertThat(replica.counter("jobs").getChangedIndex()).isEqualTo(changed);
    }

    @Test
    @Tag("case-57")
    void aRetryCountsOnce() {
        Result first = alice.adds("jobs", 1);

        assertThat(alice.retries()).isEqualTo(first);
        assertThat(replica.counter("jobs").getValue()).isEqualTo(1);
    }

    @Test
    void nothingIsTakenBelowTheFloor() {
        alice.sets("jobs", 2);

        assertThat(counted(alice.adds("jobs", -3, 0))).isEqualTo(updated(2, 2, false));
        assertThat(counted(alice.adds("jobs", -2, 0))).isEqualTo(updated(2, 0, true));
        assertThat(counted(alice.adds("jobs", -1, 0))).isEqualTo(updated(0, 0, false));
        assertThat(counted(alice.adds("jobs", 1, 2))).isEqualTo(updated(0, 0, false));
        assertThat(counted(alice.adds("jobs", -1, Long.MIN_VALUE))).isEqualTo(updated(0, -1, true));
    }

    @Test
    void aSumOfMoreThan64BitsIsRefusedAndChangesNothing() {
        alice.sets("large", Long.MAX_VALUE);
        alice.sets("small", Long.MIN_VALUE);

        assertThat(error(alice.adds("large", 1))).isEqualTo(Error.Code.OUT_OF_RANGE);
        assertThat(error(alice.adds("large", 1, 0))).isEqualTo(Error.Code.OUT_OF_RANGE);
        assertThat(error(alice.adds("large", Long.MAX_VALUE))).isEqualTo(Error.Code.OUT_OF_RANGE);
        assertThat(error(alice.adds("small", -1))).isEqualTo(Error.Code.OUT_OF_RANGE);
        assertThat(error(alice.adds("small", Long.MIN_VALUE))).isEqualTo(Error.Code.OUT_OF_RANGE);
        assertThat(counted(alice.adds("small", -1, Long.MIN_VALUE)).getApplied())
                .as("below any floor")
                .isFalse();

        assertThat(replica.counter("large").getValue()).isEqualTo(Long.MAX_VALUE);
        assertThat(replica.counter("small").getValue()).isEqualTo(Long.MIN_VALUE);
        assertThat(counted(alice.adds("large", Long.MIN_VALUE)).getAfter()).isEqualTo(-1);
    }

    @Test
    void aCounterThatIsZeroLeavesNothingBehind() {
        alice.sets("jobs", 1);
        long first = replica.counter("jobs").getChangedIndex();
        alice.adds("jobs", -1);

        assertThat(replica.machine().state().counters().size()).isZero();
        assertThat(replica.counter("jobs")).isEqualTo(CounterState.getDefaultInstance());
        alice.sets("jobs", 1);
        assertThat(replica.counter("jobs").getChangedIndex()).isGreaterThan(first);
    }

    @Test
    void aLatchAndAnAtomicLongOfOneNameAreTwo() {
        alice.sets("jobs", 1);
        alice.updates(UpdateCounter.newBuilder().setKind(LATCH).setName("jobs").setSet(7));

        assertThat(replica.counter("jobs").getValue()).isEqualTo(1);
        assertThat(answer(replica.awaitsCounter(LATCH, "jobs", 7))
                        .getCounterState()
                        .getValue())
                .isEqualTo(7);
        TestReplica restored = replica.restored();
        assertThat(restored.counter("jobs")).isEqualTo(replica.counter("jobs"));
        assertThat(restored.awaitsCounter(LATCH, "jobs", 6)).isNotDone();
    }

    @Test
    void whoWaitsForAValueIsAnsweredWhenItIsReached() {
        alice.sets("jobs", 5);
        CompletableFuture<byte[]> three = replica.awaitsCounter(LONG, "jobs", 3);
        CompletableFuture<byte[]> zero = replica.awaitsCounter(LONG, "jobs", 0);
        CompletableFuture<byte[]> negative = replica.awaitsCounter(LONG, "jobs", -1);
        assertThat(answer(replica.awaitsCounter(LONG, "jobs", 5))
                        .getCounterState()
                        .getValue())
                .isEqualTo(5);

        alice.sets("jobs", 4);
        assertThat(three).isNotDone();
        alice.sets("jobs", 9);
        alice.adds("jobs", -8);
        assertThat(value(three)).isEqualTo(1);
        assertThat(zero).isNotDone();
        alice.adds("jobs", -1);
        assertThat(value(zero)).isZero();
        assertThat(negative).isNotDone();
        alice.swaps("jobs", 0, Long.MIN_VALUE);
        assertThat(value(negative)).isEqualTo(Long.MIN_VALUE);
        assertThat(replica.machine().parkedReadCount()).isZero();
    }

    @Test
    @Tag("case-83")
    void countingDownDisturbsOnlyThoseWhoseValueIsReached() {
        int waiters = 2_000;
        alice.sets("jobs", waiters);
        for (int i = 0; i < waiters; i++) {
            CompletableFuture<byte[]> waiting = replica.awaitsCounter(LONG, "jobs", i);
            assertThat(waiting).isNotDone();
        }

        for (int i = 1; i <= waiters; i++) {
            alice.adds("jobs", -1, 0);
            assertThat(replica.machine().parkedReadCount()).isEqualTo(waiters - i);
        }
    }

    @Test
    void whoWaitsIsAnsweredByARestoredStateAsWell() throws IOException {
        alice.sets("jobs", 5);
        TestReplica ahead = replica.restored();
        alice.on(ahead).sets("jobs", 1);
        CompletableFuture<byte[]> one = replica.awaitsCounter(LONG, "jobs", 1);
        CompletableFuture<byte[]> zero = replica.awaitsCounter(LONG, "jobs", 0);

        replica.machine().restore(new ByteArrayInputStream(ahead.snapshot()));

        assertThat(value(one)).isEqualTo(1);
        assertThat(zero).isNotDone();
    }

    @Test
    void wrongUpdatesAndQueriesAreRefused() {
        assertThat(error(alice.adds("", 1))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.adds("x".repeat(513), 1))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.updates(UpdateCounter.newBuilder().setName("jobs"))))
                .isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.updates(UpdateCounter.newBuilder()
                        .setKindValue(77)
                        .setName("jobs")
                        .setSet(1))))
                .isEqualTo(Error.Code.INVALID);
        assertThat(refusal(replica.awaitsCounter(LONG, "", 0))).isEqualTo(Error.Code.INVALID);
        assertThat(counted(alice.adds("x".repeat(512), 1)).getAfter()).isEqualTo(1);
    }

    @Test
    void countersAreBounded() {
        TestReplica small =
                new TestReplica(StateMachineLimits.builder().maxCounters(2).build());
        TestSession session = small.open("alice");
        session.adds("a", 1);
        session.adds("b", 1);

        assertThat(error(session.adds("c", 1))).isEqualTo(Error.Code.LIMIT);
        assertThat(counted(session.sets("c", 0)).getApplied()).isTrue();
        assertThat(counted(session.adds("b", 1)).getAfter()).isEqualTo(2);
        session.sets("a", 0);
        assertThat(counted(session.adds("c", 1)).getAfter()).isEqualTo(1);
    }

    @Test
    @Tag("case-56")
    void aSnapshotWithAnImpossibleCounterIsRefused() throws IOException {
        SnapshotCounter good =
                SnapshotCounter.newBuilder().setName("jobs").setValue(1).build();

        assertRefused(good.toBuilder().setValue(0).build());
        assertRefused(good.toBuilder().setKindValue(77).build());
        assertRefused(good, good);
    }

    private static void assertRefused(SnapshotCounter... counters) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        SnapshotCodec.Writer writer = new SnapshotCodec.Writer(bytes, FormatVersions.SNAPSHOT);
        writer.write(SnapshotRecord.newBuilder()
                .setHead(SnapshotHead.newBuilder().setIndex(9))
                .build());
        for (SnapshotCounter counter : counters) {
            writer.write(SnapshotRecord.newBuilder().setCounter(counter).build());
        }
        writer.finish();
        assertThatThrownBy(() -> new CoordinationStateMachine().restore(new ByteArrayInputStream(bytes.toByteArray())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged");
    }

    /** Against a model that knows nothing of 64 bits, and through snapshots. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("io.balsa.statemachine.Seeds#all")
    void itCountsAsAModelDoes(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, BigInteger> model = new HashMap<>();
        TestReplica current = replica;
        for (int step = 0; step < 2_000; step++) {
            String name = "c" + random.nextInt(3);
            long operand = operand(random);
            long other = operand(random);
            BigInteger before = model.getOrDefault(name, BigInteger.ZERO);
            TestSession session = alice.on(current);
            BigInteger sum = before.add(BigInteger.valueOf(operand));
            boolean fits = sum.bitLength() <= 63;
            switch (random.nextInt(4)) {
                case 0 -> expect(session.adds(name, operand), model, name, sum, fits, true);
                case 1 -> {
                    boolean kept = sum.compareTo(BigInteger.valueOf(other)) < 0;
                    expect(session.adds(name, operand, other), model, name, kept ? before : sum, kept || fits, !kept);
                }
                case 2 -> expect(session.sets(name, operand), model, name, BigInteger.valueOf(operand), true, true);
                default -> {
                    boolean same = before.equals(BigInteger.valueOf(operand));
                    expect(
                            session.swaps(name, operand, other),
                            model,
                            name,
                            same ? BigInteger.valueOf(other) : before,
                            true,
                            same);
                }
            }
            assertThat(current.counter(name).getValue())
                    .isEqualTo(model.getOrDefault(name, BigInteger.ZERO).longValueExact());
            if (step % 100 == 0) {
                TestReplica restored = current.restored();
                assertThat(restored.snapshot()).isEqualTo(current.snapshot());
                current = restored;
            }
        }
    }

    private static void expect(
            Result result,
            Map<String, BigInteger> model,
            String name,
            BigInteger after,
            boolean fits,
            boolean applied) {
        if (!fits) {
            assertThat(error(result)).isEqualTo(Error.Code.OUT_OF_RANGE);
            return;
        }
        long before = model.getOrDefault(name, BigInteger.ZERO).longValueExact();
        assertThat(counted(result)).isEqualTo(updated(before, after.longValueExact(), applied));
        model.put(name, after);
    }

    private static long operand(SplittableRandom random) {
        return switch (random.nextInt(8)) {
            case 0 -> Long.MAX_VALUE - random.nextInt(2);
            case 1 -> Long.MIN_VALUE + random.nextInt(2);
            default -> random.nextInt(-3, 4);
        };
    }

    private static CounterUpdated updated(long before, long after, boolean applied) {
        return CounterUpdated.newBuilder()
                .setBefore(before)
                .setAfter(after)
                .setApplied(applied)
                .build();
    }

    private static long value(CompletableFuture<byte[]> reply) {
        Answer answer = answer(reply);
        assertThat(answer.hasCounterState()).as(answer.toString()).isTrue();
        return answer.getCounterState().getValue();
    }

    private static Error.Code refusal(CompletableFuture<byte[]> reply) {
        return answer(reply).getError().getCode();
    }
}
