package io.balsa.simulation.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What is linearizable and what is not, case by case. */
class CheckerTest {
    private static final long MILLI = 1_000_000;

    @Nested
    class Counters {
        private final CounterModel model = new CounterModel();

        @Test
        void everyAdditionCountsOnce() {
            assertLinearizable(model, answered(1, 9, "add", 5L, 2L), answered(2, 8, "add", 3L, 3L));
            assertNotLinearizable(model, answered(1, 9, "add", 2L, 2L), answered(2, 8, "add", 3L, 3L));
            assertNotLinearizable(model, answered(1, 2, "add", 2L, 2L), answered(3, 4, "add", 2L, 2L));
        }

        @Test
        void anUnknownAdditionCountsOnceOrNotAtAll() {
            Operation unknown = unknown(1, "add", 2L);
            assertLinearizable(model, unknown, answered(3, 4, "get", 2L));
            assertLinearizable(model, unknown, answered(3, 4, "get", 0L), answered(5, 6, "get", 2L));
            assertNotLinearizable(model, unknown, answered(3, 4, "get", 2L), answered(5, 6, "get", 0L));
            assertNotLinearizable(model, unknown, answered(3, 4, "get", 4L));
        }

        @Test
        void nothingIsTakenBelowTheFloor() {
            assertLinearizable(model, answered(1, 2, "take", false, -1L, 0L));
            assertNotLinearizable(model, answered(1, 2, "take", -1L, -1L, 0L));
            assertNotLinearizable(model, answered(1, 2, "add", 1L, 1L), answered(3, 4, "take", false, -1L, 0L));
            assertLinearizable(model, unknown(1, "take", -1L, 0L), answered(3, 4, "get", 0L));
        }

        @Test
        void whoWaitedSawTheValueAtSomeTime() {
            Operation set = answered(1, 2, "set", 0L, 3L);
            assertLinearizable(model, set, answered(3, 9, "await", true, 1L), answered(4, 5, "add", 1L, -2L));
            assertNotLinearizable(model, set, answered(3, 9, "await", true, 1L), answered(4, 5, "add", 2L, -1L));
        }

        @Test
        void compareAndSetTellsWhetherItWasSo() {
            assertLinearizable(model, answered(1, 2, "cas", true, 0L, 3L), answered(3, 4, "cas", false, 0L, 4L));
            assertNotLinearizable(model, answered(1, 2, "cas", true, 0L, 3L), answered(3, 4, "cas", true, 0L, 4L));
        }
    }

    @Nested
    class Registers {
        @Test
        void nothingIsLinearizable() {
            assertLinearizable(new RegisterModel());
        }

        @Test
        void aReadSeesTheLastWriteThatEnded() {
            assertLinearizable(new RegisterModel(), ok(1, 2, "write", 7L), answered(3, 4, "read", 7L));
            assertNotLinearizable(new RegisterModel(), ok(1, 2, "write", 7L), answered(3, 4, "read", null));
        }

        @Test
        void concurrentOnesMayComeInAnyOrder() {
            assertLinearizable(
                    new RegisterModel(),
                    ok(1, 10, "write", 1L),
                    ok(2, 9, "write", 2L),
                    answered(3, 5, "read", 2L),
                    answered(6, 8, "read", 1L));
        }

        @Test
        void onceANewValueWasReadNobodyReadsTheOldOne() {
            assertNotLinearizable(
                    new RegisterModel(),
                    ok(1, 10, "write", 1L),
                    answered(2, 3, "read", 1L),
                    answered(4, 5, "read", null));
        }

        @Test
        void whatTouchesIsConcurrent() {
            assertLinearizable(new RegisterModel(), ok(1, 2, "write", 7L), answered(2, 3, "read", null));
        }

        @Test
        void anUnknownWriteMayTakeEffectLateOrNever() {
            Operation unknown = unknown(1, "write", 1L);
            Operation write = ok(2, 3, "write", 2L);
            assertLinearizable(
                    new RegisterModel(), unknown, write, answered(4, 5, "read", 2L), answered(90, 91, "read", 1L));
            assertLinearizable(new RegisterModel(), unknown, write, answered(90, 91, "read", 2L));
            assertNotLinearizable(
                    new RegisterModel(),
                    unknown,
                    write,
                    answered(4, 5, "read", 1L),
                    answered(6, 7, "read", 2L),
                    answered(8, 9, "read", 1L));
        }

        @Test
        void anUnknownWriteTakesNoEffectBeforeItsCall() {
            assertNotLinearizable(new RegisterModel(), answered(1, 2, "read", 1L), unknown(3, "write", 1L));
        }

        @Test
        void whatFailedHadNoEffect() {
            Operation failed = new Operation("c", "write", null, List.of(1L), 1, 2, Status.FAIL, null);
            assertLinearizable(new RegisterModel(), failed, answered(3, 4, "read", null));
            assertNotLinearizable(new RegisterModel(), failed, answered(3, 4, "read", 1L));
        }

        @Test
        void aComparisonThatFailedIsAnAnswer() {
            Operation write = ok(1, 2, "write", 1L);
            assertLinearizable(new RegisterModel(), write, answered(3, 4, "cas", false, 2L, 3L));
            assertNotLinearizable(new RegisterModel(), write, answered(3, 4, "cas", false, 1L, 3L));
            assertNotLinearizable(new RegisterModel(), write, answered(3, 4, "cas", true, 2L, 3L));
        }

        @Test
        void anUnknownComparisonNeedsItsValue() {
            Operation unknown = unknown(3, "cas", 1L, 2L);
            assertLinearizable(new RegisterModel(), ok(1, 2, "write", 1L), unknown, answered(4, 5, "read", 2L));
            assertNotLinearizable(new RegisterModel(), ok(1, 2, "write", 3L), unknown, answered(4, 5, "read", 2L));
        }

        /** What has the same value already must not be used up for nothing: it is needed later. */
        @Test
        void aWriteOfWhatIsThereMayBeNeededLater() {
            assertLinearizable(
                    new RegisterModel(),
                    ok(1, 2, "write", 2L),
                    ok(3, 7, "cas", 2L, 3L),
                    ok(4, 8, "write", 2L),
                    answered(9, 10, "read", 2L));
        }
    }

    @Nested
    class KeyValues {
        @Test
        void keysAreIndependent() {
            Operation one = new Operation("c", "put", "a", List.of("1"), 1, 2, Status.OK, null);
            Operation other = new Operation("c", "get", "b", List.of(), 3, 4, Status.OK, null);
            assertLinearizable(new KeyValueModel(), one, other);
            Operation stale = new Operation("c", "get", "a", List.of(), 5, 6, Status.OK, null);
            Verdict verdict = check(new KeyValueModel(), one, other, stale);
            assertThat(verdict.partitions()).isEqualTo(2);
            assertThat(verdict.counterexample().orElseThrow().key()).isEqualTo("a");
        }

        @Test
        void revisionsGrow() {
            assertLinearizable(
                    new KeyValueModel(), answered(1, 2, "put", 5L, "a"), answered(3, 4, "get", List.of("a", 5L)));
            assertNotLinearizable(new KeyValueModel(), answered(1, 2, "put", 5L, "a"), answered(3, 4, "put", 4L, "a"));
            assertNotLinearizable(
                    new KeyValueModel(), answered(1, 2, "put", 5L, "a"), answered(3, 4, "get", List.of("a", 6L)));
        }

        @Test
        void aRevisionThatNobodyWasToldShowsLater() {
            assertLinearizable(
                    new KeyValueModel(),
                    unknown(1, "put", "a"),
                    answered(2, 3, "get", List.of("a", 9L)),
                    answered(4, 5, "cas-revision", 10L, 9L, "b"),
                    answered(6, 7, "cas-revision", Arrays.asList("b", 10L), 9L, "c"),
                    answered(8, 9, "get", List.of("b", 10L)));
            assertNotLinearizable(
                    new KeyValueModel(),
                    unknown(1, "put", "a"),
                    answered(2, 3, "get", List.of("a", 9L)),
                    answered(4, 5, "cas-revision", false, 9L, "b"));
        }

        @Test
        void absentIsNotEmpty() {
            assertNotLinearizable(new KeyValueModel(), ok(1, 2, "put", ""), answered(3, 4, "get", null));
            assertLinearizable(new KeyValueModel(), answered(1, 2, "get", ""), answered(3, 4, "delete", false));
            assertNotLinearizable(new KeyValueModel(), ok(1, 2, "put", ""), answered(3, 4, "delete", false));
            assertLinearizable(new KeyValueModel(), answered(1, 2, "cas", true, null, "x"));
            assertNotLinearizable(new KeyValueModel(), ok(1, 2, "put", ""), answered(3, 4, "cas", true, null, "x"));
        }

        @Test
        void appendsComeOneAfterTheOther() {
            assertLinearizable(
                    new KeyValueModel(),
                    ok(1, 9, "append", "a"),
                    ok(2, 8, "append", "b"),
                    answered(10, 11, "get", "ba"));
            assertNotLinearizable(
                    new KeyValueModel(),
                    ok(1, 9, "append", "a"),
                    ok(2, 8, "append", "b"),
                    answered(10, 11, "get", "b"));
        }
    }

    @Nested
    class Locks {
        @Test
        void tokensGrow() {
            assertLinearizable(
                    new LockModel(),
                    answered(1, 2, "acquire", 5L),
                    ok(3, 4, "release", 5L),
                    answered(5, 6, "acquire", 9L));
            assertNotLinearizable(
                    new LockModel(),
                    answered(1, 2, "acquire", 5L),
                    ok(3, 4, "release", 5L),
                    answered(5, 6, "acquire", 5L));
        }

        @Test
        void aLockIsLostAtTheLatestWhenAnotherHasIt() {
            Operation first = answered(1, 2, "acquire", 5L);
            Operation second = answered(3, 4, "acquire", 9L);
            assertLinearizable(new LockModel(), first, second, answered(5, 6, "release", false, 5L));
            assertNotLinearizable(new LockModel(), first, second, ok(5, 6, "release", 5L));
            assertNotLinearizable(new LockModel(), first, second, ok(5, 6, "renew", 5L));
        }

        @Test
        void whatWasLostStaysLost() {
            assertNotLinearizable(
                    new LockModel(),
                    answered(1, 2, "acquire", 5L),
                    answered(3, 4, "renew", false, 5L),
                    ok(5, 6, "renew", 5L));
            assertNotLinearizable(
                    new LockModel(), answered(1, 2, "acquire", 5L), ok(3, 4, "expire", 5L), ok(5, 6, "release", 5L));
        }

        @Test
        void guaranteedTimeIsNotShared() {
            Operation first = answered(0, 1, "acquire", 5L, 10L);
            assertNotLinearizable(new LockModel(), first, answered(2, 10 * MILLI - 1, "acquire", 9L));
            assertLinearizable(new LockModel(), first, answered(2, 10 * MILLI, "acquire", 9L));
            assertLinearizable(new LockModel(), first, ok(2, 3, "release", 5L), answered(4, 5, "acquire", 9L));
            assertNotLinearizable(
                    new LockModel(),
                    first,
                    ok(5 * MILLI, 6 * MILLI, "renew", 5L, 10L),
                    answered(7 * MILLI, 14 * MILLI, "acquire", 9L));
        }

        /** The second acquire waited for the first one's end, so what comes after it is later still. */
        @Test
        void whoWaitedForAnEndIsNotEarlierThanIt() {
            Operation first = answered(0, 1, "acquire", 5L, 10L);
            Operation second = answered(2, 20 * MILLI, "acquire", 9L);
            assertNotLinearizable(new LockModel(), first, second, answered(3, 9 * MILLI, "show", 9L));
            assertLinearizable(new LockModel(), first, second, answered(3, 11 * MILLI, "show", 9L));
        }

        @Test
        void anUnknownAcquireMayHoldTheLock() {
            Operation unknown = unknown(1, "acquire");
            assertLinearizable(new LockModel(), unknown, answered(2, 3, "acquire", null));
            assertLinearizable(new LockModel(), unknown, answered(2, 3, "show", 7L), answered(4, 5, "acquire", 8L));
            assertNotLinearizable(new LockModel(), unknown, answered(2, 3, "show", 7L), answered(4, 5, "acquire", 6L));
            assertNotLinearizable(new LockModel(), answered(2, 3, "acquire", null));
        }
    }

    @Test
    void theShortestPartIsFound() {
        List<Operation> operations = new ArrayList<>();
        for (int i = 0; i < 200; i += 4) {
            operations.add(ok(i, i + 1, "write", (long) i));
            operations.add(answered(i + 2, i + 3, "read", (long) i));
        }
        operations.set(81, answered(162, 163, "read", 156L));
        Verdict verdict = new LinearizabilityChecker().check(new RegisterModel(), new History(operations));
        Counterexample found = verdict.counterexample().orElseThrow();
        assertThat(found.prefix()).hasSize(82);
        assertThat(found.part()).containsExactly(operations.get(78), operations.get(80), operations.get(81));
        assertThat(found.shortness()).isEqualTo(Shortness.SHORTEST);
        assertThat(found.explained())
                .extracting(Counterexample.Explained::state)
                .containsExactly("156", "160");
        assertThat(found.stuck()).containsExactly(operations.get(81));
        assertThat(CounterexampleText.lines(found))
                .containsExactly(
                        "The shortest part that cannot be explained, 3 of 100 operations:",
                        "  c  156 to 157  write 156  -> ok",
                        "  c  160 to 161  write 160  -> ok",
                        "  c  162 to 163  read       -> ok 156",
                        "The longest order that explains answers of it:",
                        "  1. c: write 156, then it is 156",
                        "  2. c: write 160, then it is 160",
                        "There is no place left for:",
                        "  c: read -> ok 156");
    }

    /** Two writes, each once, and three reads that see the first come back; before them, what can be explained. */
    private static Counterexample comesBack(int others) {
        List<Operation> operations = new ArrayList<>();
        for (int i = 0; i < others; i++) {
            operations.add(answered(10L * i, 10L * i + 1, "read", null));
        }
        long then = 10L * others;
        operations.add(ok(then, then + 9, "write", -1L));
        operations.add(ok(then, then + 9, "write", -2L));
        for (int i = 0; i < 3; i++) {
            operations.add(answered(then + 1 + 2L * i, then + 2 + 2L * i, "read", i == 1 ? -2L : -1L));
        }
        return new LinearizabilityChecker()
                .check(new RegisterModel(), new History(operations))
                .counterexample()
                .orElseThrow();
    }

    @Test
    void whereTryingAllChoicesIsMuchWorkItOnlySaysThatNothingCanBeLeftOut() {
        assertThat(comesBack(40).shortness()).isEqualTo(Shortness.SHORTEST);
        Counterexample found = comesBack(1_000);
        assertThat(found.shortness()).isEqualTo(Shortness.IRREDUCIBLE);
        assertThat(CounterexampleText.headline(found))
                .startsWith(
                        "A part that cannot be explained, nor be shortened further by leaving out any one operation");
    }

    /** Leaving out one after the other ends with the two comparisons, of which only one can succeed. */
    @Test
    void aShorterPartThanLeavingOutOneByOneGivesIsFound() {
        Operation impossible = answered(16, 19, "read", 0L);
        Counterexample found = check(
                        new RegisterModel(),
                        ok(2, 5, "write", 1L),
                        impossible,
                        answered(16, 19, "cas", true, 1L, 2L),
                        answered(16, 19, "cas", true, 1L, 2L))
                .counterexample()
                .orElseThrow();
        assertThat(found.shortness()).isEqualTo(Shortness.SHORTEST);
        assertThat(found.part()).containsExactly(impossible);
    }

    /** What was added, in its order: with as many states as there are orders. */
    private static final class ListModel implements Model<List<Object>> {
        @Override
        public String name() {
            return "list";
        }

        @Override
        public List<Object> initialState() {
            return List.of();
        }

        @Override
        public void validate(Operation operation) {
            assertThat(operation.op()).isIn("add", "size");
        }

        @Override
        public String describe(List<Object> state) {
            return state.toString();
        }

        @Override
        public List<List<Object>> step(List<Object> state, Operation operation) {
            if (operation.op().equals("size")) {
                return operation.output().equals((long) state.size()) ? List.of(state) : List.of();
            }
            List<Object> longer = new ArrayList<>(state);
            longer.add(operation.arg(0));
            return List.of(longer);
        }
    }

    @Test
    void whenATrialIsTooMuchWorkItClaimsNothing() {
        List<Operation> operations = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            operations.add(ok(i, 100 + i, "add", (long) i));
        }
        operations.add(answered(200, 201, "size", 8L));
        Counterexample found = new LinearizabilityChecker()
                .check(new ListModel(), new History(operations))
                .counterexample()
                .orElseThrow();
        assertThat(found.shortness()).isEqualTo(Shortness.TOO_HARD);
        assertThat(found.part()).hasSize(8);
        assertThat(CounterexampleText.headline(found))
                .startsWith(
                        "A part that cannot be explained (it was too much work to tell whether all of it is needed)");
    }

    @Test
    void whenTheTimeIsOverItSaysSo() {
        AtomicLong clock = new AtomicLong();
        LinearizabilityChecker checker = new LinearizabilityChecker(
                Limits.DEFAULT.withTime(Duration.ofSeconds(1)),
                () -> clock.addAndGet(Duration.ofMillis(600).toNanos()));
        Verdict verdict = checker.check(new RegisterModel(), hard());
        assertThat(verdict.outcome()).isEqualTo(Verdict.Outcome.UNKNOWN);
        assertThat(verdict.reason()).isEqualTo("the time was over");
        assertThat(verdict.counterexample()).isEmpty();
    }

    @Test
    void whenThereIsTooMuchToRememberItSaysSo() {
        Verdict verdict =
                new LinearizabilityChecker(new Limits(Duration.ofMinutes(1), 100)).check(new RegisterModel(), hard());
        assertThat(verdict.outcome()).isEqualTo(Verdict.Outcome.UNKNOWN);
        assertThat(verdict.reason()).contains("100 situations");
    }

    /** Many writes at once, and reads of which nobody knows at first that they can't be. */
    private static History hard() {
        List<Operation> operations = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            operations.add(ok(i, 1_000 + i, "write", (long) i));
        }
        for (int i = 0; i < 16; i++) {
            operations.add(answered(2_000 + 2 * i, 2_001 + 2 * i, "read", 3L));
        }
        operations.add(answered(3_000, 3_001, "read", 4L));
        return new History(operations);
    }

    @Test
    void aLongHistoryIsNotTooLong() {
        List<Operation> operations = new ArrayList<>();
        for (int i = 0; i < 200_000; i++) {
            operations.add(ok(10L * i, 10L * i + 15, "write", (long) i));
        }
        assertThat(new LinearizabilityChecker(new Limits(Duration.ofMinutes(5), 2_000_000))
                        .check(new RegisterModel(), new History(operations))
                        .isLinearizable())
                .isTrue();
    }

    @Test
    void theWrongModelIsNamed() {
        assertThatThrownBy(() -> check(new LockModel(), ok(1, 2, "acquire"), ok(3, 4, "put", "v")))
                .isInstanceOf(WrongModelException.class)
                .hasMessage(
                        "operation 2 (c: put \"v\"): the model lock knows acquire [guaranteedMillis], release [token],"
                                + " renew [token, guaranteedMillis], expire [token] and show");
        assertThatThrownBy(() -> check(new RegisterModel(), ok(1, 2, "cas", 1L)))
                .hasMessageContaining("cas has 2 args, not 1");
        assertThatThrownBy(() -> check(new LockModel(), answered(1, 2, "acquire", "token")))
                .hasMessageContaining("its output is a token, null or false, not \"token\"");
    }

    private static void assertLinearizable(Model<?> model, Operation... operations) {
        assertThat(check(model, operations).outcome()).isEqualTo(Verdict.Outcome.LINEARIZABLE);
    }

    private static void assertNotLinearizable(Model<?> model, Operation... operations) {
        assertThat(check(model, operations).outcome()).isEqualTo(Verdict.Outcome.NOT_LINEARIZABLE);
    }

    private static Verdict check(Model<?> model, Operation... operations) {
        return new LinearizabilityChecker().check(model, new History(List.of(operations)));
    }

    private static Operation ok(long call, long end, String op, Object... args) {
        return answered(call, end, op, null, args);
    }

    private static Operation answered(long call, long end, String op, Object output, Object... args) {
        return new Operation("c", op, null, Arrays.asList(args), call, end, Status.OK, output);
    }

    private static Operation unknown(long call, String op, Object... args) {
        return new Operation("c", op, null, Arrays.asList(args), call, Operation.NEVER, Status.INFO, null);
    }
}
