package io.balsa.raft.node;

import static io.balsa.raft.node.TestMachine.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.StateMachine;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Reads that are served on their clients' own threads, beside what the applier does on its own: here all on one. */
class ApplierTest {
    private final TestMachine machine = new TestMachine();
    private final PendingProposals proposals = new PendingProposals(Optional::empty);
    private final Outstanding outstanding = new Outstanding(new Budget(1_000, 1 << 20));
    private long nowNanos = 12_345;
    private int signals;
    private Applier applier = applierOf(machine);

    private Applier applierOf(StateMachine stateMachine) {
        return new Applier(
                stateMachine,
                0,
                new SnapshotTaker(
                        RaftOptions.DEFAULT.compaction(),
                        Configuration.of(List.of(NodeId.of("n1"))),
                        Optional.empty(),
                        Optional.empty()),
                proposals,
                () -> nowNanos,
                () -> signals++,
                () -> {});
    }

    private long lastArrival;

    private PendingRead read(String query, long atIndex) {
        PendingRead read =
                new PendingRead(bytes(query), atIndex, false, nowNanos + TimeUnit.SECONDS.toNanos(1), outstanding);
        read.arrivedAs(++lastArrival);
        return read;
    }

    private static LogEntry add(long index, String word) {
        return new LogEntry(index, 1, EntryType.COMMAND, 0, bytes("add " + word));
    }

    private void apply(LogEntry... entries) {
        applier.committed(List.of(entries));
        while (applier.doWork() > 0) {
            // Until nothing is left.
        }
    }

    private static String text(CompletableFuture<ClientResponse> read) {
        assertThat(read).isDone();
        return TestCluster.text(read.join());
    }

    @Test
    void whatIsAppliedIsReadAtOnce() {
        apply(add(1, "a"));
        PendingRead read = read("list", 1);
        assertThat(applier.tryServe(read)).isTrue();
        assertThat(text(read)).isEqualTo("a");
        assertThat(((ClientResponse.Answer) read.join()).appliedIndex()).isEqualTo(1);
    }

    @Test
    void whatIsNotAppliedYetIsLeftToTheApplier() {
        apply(add(1, "a"));
        PendingRead read = read("list", 2);
        assertThat(applier.tryServe(read)).isFalse();
        assertThat(read).isNotDone();
        assertThat(applier.serve(read)).isTrue();
        apply(add(2, "b"));
        assertThat(text(read)).isEqualTo("a,b");
    }

    /** What was applied before was applied, whatever becomes of the rest of the batch. */
    @Test
    void whoeverWasAppliedBeforeAFailureIsToldSo() {
        List<Proposal> proposed = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            assertThat(outstanding.admit(new Proposal(bytes("any"), outstanding), proposed::add))
                    .isNotDone();
        }
        proposals.appended(1, 1, proposed);
        applier.committed(List.of(add(1, "a"), new LogEntry(2, 1, EntryType.COMMAND, 0, bytes("unknown"))));
        assertThatThrownBy(applier::doWork).isInstanceOf(IllegalStateException.class);
        assertThat(proposed.get(0)).isCompletedWithValueMatching(ClientResponse.Applied.class::isInstance);
        assertThat(proposed.get(1)).isNotDone();
    }

    @Test
    void whoeverWaitsForAnAnswerKeepsTheApplierFromWaiting() {
        assertThat(applier.mayWait()).isTrue();
        PendingRead parked = read("await 1", 0);
        assertThat(applier.tryServe(parked)).isTrue();
        assertThat(applier.mayWait()).as("a read is parked").isFalse();
        PendingRead behind = read("list", 1);
        applier.serve(behind);
        applier.doWork();
        apply(add(1, "a"));
        assertThat(text(parked)).isEqualTo("a");
        assertThat(text(behind)).isEqualTo("a");
        assertThat(applier.mayWait()).isTrue();
        applier.serve(read("list", 2));
        assertThat(applier.mayWait()).as("a read is to be looked at").isFalse();
        applier.doWork();
        assertThat(applier.mayWait()).as("a read waits for its index").isFalse();
    }

    @Test
    void readsOfOneIndexAreServedTogetherEachByItsOwnQuery() {
        apply(add(1, "a"));
        PendingRead list = read("list", 0);
        PendingRead waits = read("await 3", 0);
        PendingRead refused = read("nonsense", 0);
        PendingRead answered = read("list", 0);
        List<PendingRead> reads = List.of(list, waits, refused, answered);
        for (PendingRead read : reads) {
            assertThat(outstanding.admit(read, any -> true)).isSameAs(read);
        }
        answered.answer(new ClientResponse.ReadTimedOut());
        assertThat(applier.serve(2, reads)).isTrue();
        applier.doWork();
        assertThat(List.of(list, waits, refused)).as("index 2 is not applied").noneMatch(CompletableFuture::isDone);
        apply(add(2, "b"));
        assertThat(text(list)).isEqualTo("a,b");
        assertThat(((ClientResponse.Answer) list.join()).appliedIndex()).isEqualTo(2);
        assertThat(refused).isCompletedWithValueMatching(ClientResponse.Invalid.class::isInstance);
        assertThat(answered).isCompletedWithValueMatching(ClientResponse.ReadTimedOut.class::isInstance);
        assertThat(waits).isNotDone();
        assertThat(outstanding.count()).as("the one that is parked").isEqualTo(1);
        apply(add(3, "c"));
        assertThat(text(waits)).isEqualTo("a,b,c");
        assertThat(outstanding.count()).isZero();
    }

    @Test
    void readsWhoseIndexIsAppliedAreServedTogetherAtOnce() {
        apply(add(1, "a"), add(2, "b"));
        PendingRead list = read("list", 0);
        PendingRead waits = read("await 3", 0);
        PendingRead refused = read("nonsense", 0);
        PendingRead answered = read("list", 0);
        answered.answer(new ClientResponse.ReadTimedOut());
        assertThat(applier.serve(2, List.of(list, waits, refused, answered))).isTrue();
        applier.doWork();
        assertThat(text(list)).isEqualTo("a,b");
        assertThat(refused).isCompletedWithValueMatching(ClientResponse.Invalid.class::isInstance);
        assertThat(answered).isCompletedWithValueMatching(ClientResponse.ReadTimedOut.class::isInstance);
        apply(add(3, "c"));
        assertThat(text(waits)).isEqualTo("a,b,c");
    }

    @Test
    void aQueryThatWaitsIsParkedAndItsTimeIsWatched() {
        assertThat(applier.idleNanos()).isEqualTo(Long.MAX_VALUE);
        PendingRead read = read("await 1", 0);
        PendingRead late = read("await 2", 0);
        signals = 0;
        assertThat(applier.tryServe(read)).isTrue();
        assertThat(applier.tryServe(late)).isTrue();
        assertThat(signals).as("the applier must look at the clock").isEqualTo(2);
        assertThat(applier.idleNanos()).isEqualTo(TimeUnit.SECONDS.toNanos(1));
        apply(add(1, "a"));
        assertThat(text(read)).isEqualTo("a");
        nowNanos += TimeUnit.SECONDS.toNanos(1);
        applier.doWork();
        assertThat(late).isCompletedWithValueMatching(ClientResponse.ReadTimedOut.class::isInstance);
        assertThat(machine.parked()).isZero();
    }

    @Test
    void aQueryThatTheStateMachineRefusesIsItsSendersTrouble() {
        PendingRead read = read("nonsense", 0);
        assertThat(applier.tryServe(read)).isTrue();
        assertThat(read).isCompletedWithValueMatching(ClientResponse.Invalid.class::isInstance);
        assertThat(applier.tryServe(read("list", 0))).isTrue();
    }

    /** Whoever is told of a result on the applier's thread may ask again at once: the batch is not through then. */
    @Test
    void nothingIsReadInTheMiddleOfABatch() {
        List<Boolean> served = new ArrayList<>();
        PendingRead read = read("list", 0);
        Proposal proposal = new Proposal(bytes("add a"), outstanding);
        CompletableFuture<ClientResponse> proposed = outstanding.admit(proposal, any -> true);
        CompletableFuture<?> unused = proposed.thenRun(() -> served.add(applier.tryServe(read)));
        proposals.appended(1, 1, List.of(proposal));
        apply(add(1, "a"), add(2, "b"));
        assertThat(proposed).isCompletedWithValueMatching(ClientResponse.Applied.class::isInstance);
        assertThat(served).containsExactly(false);
        assertThat(applier.tryServe(read)).isTrue();
        assertThat(text(read)).isEqualTo("a,b");
    }

    /** A reader is in, and the applier comes: what it would do waits until the reader is through. */
    @Test
    void nothingIsAppliedWhileAClientReads() {
        List<Integer> work = new ArrayList<>();
        List<Integer> signalsInside = new ArrayList<>();
        applier = applierOf(new ReadHook(machine, () -> {
            applier.committed(List.of(add(1, "a")));
            signals = 0;
            work.add(applier.doWork());
            signalsInside.add(signals);
        }));
        PendingRead read = read("list", 0);
        assertThat(applier.tryServe(read)).isTrue();
        assertThat(work).containsExactly(0);
        assertThat(signalsInside).containsExactly(0);
        assertThat(signals).as("the applier is told").isEqualTo(1);
        assertThat(text(read)).isEmpty();
        assertThat(applier.tryServe(read("list", 0))).as("it has the next turn").isFalse();
        assertThat(applier.doWork()).isPositive();
        assertThat(machine.words()).containsExactly("a");
    }

    @Test
    void afterTheEndNothingIsRead() {
        PendingRead parked = read("await 1", 0);
        assertThat(applier.tryServe(parked)).isTrue();
        applier.onClose();
        assertThat(parked).isCompletedWithValueMatching(ClientResponse.Unavailable.class::isInstance);
        assertThat(machine.parked()).isZero();
        assertThat(applier.tryServe(read("list", 0))).isFalse();
    }

    @Test
    void aStateMachineThatFailedIsNotReadAnyMore() {
        machine.crashWith(new AssertionError("a test"));
        applier.committed(List.of(add(1, "a")));
        assertThatThrownBy(applier::doWork).isInstanceOf(AssertionError.class);
        assertThat(applier.tryServe(read("list", 0))).isFalse();
    }

    @Test
    void anErrorGoesToTheClientWhoMetIt() {
        applier = applierOf(new ReadHook(machine, () -> {
            throw new StackOverflowError("a test");
        }));
        PendingRead read = read("list", 0);
        assertThatThrownBy(() -> outstanding.admit(read, applier::tryServe)).isInstanceOf(StackOverflowError.class);
        assertThat(read).isCompletedWithValueMatching(ClientResponse.Unavailable.class::isInstance);
        assertThat(outstanding.count()).isZero();
        apply(add(1, "a"));
        assertThat(machine.words()).containsExactly("a");
    }

    /** Does something before each read. */
    private record ReadHook(TestMachine machine, Runnable hook) implements StateMachine {
        @Override
        public byte[] apply(LogEntry entry) {
            return machine.apply(entry);
        }

        @Override
        public void read(byte[] query, CompletableFuture<byte[]> reply) {
            hook.run();
            machine.read(query, reply);
        }

        @Override
        public long nextDeadlineMillis() {
            return machine.nextDeadlineMillis();
        }

        @Override
        public Snapshot cutSnapshot() {
            return machine.cutSnapshot();
        }

        @Override
        public void restore(InputStream input) throws IOException {
            machine.restore(input);
        }
    }
}
