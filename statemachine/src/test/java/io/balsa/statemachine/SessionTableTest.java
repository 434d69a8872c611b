package io.balsa.statemachine;

import static io.balsa.statemachine.TestResults.error;
import static io.balsa.statemachine.TestResults.token;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.balsa.statemachine.proto.Command;
import io.balsa.statemachine.proto.CompareAndSet;
import io.balsa.statemachine.proto.Error;
import io.balsa.statemachine.proto.KeepAlive;
import io.balsa.statemachine.proto.Put;
import io.balsa.statemachine.proto.Result;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SessionTableTest {
    private final TestReplica replica = new TestReplica();

    @Test
    void theIdOfASessionIsTheIndexOfItsEntry() {
        replica.passes(1);

        assertThat(replica.open("alice").id()).isEqualTo(2);
    }

    @Test
    @Tag("case-57")
    void theSameNonceGivesTheSameSession() {
        ByteString nonce = replica.nonce();
        Command open = TestReplica.openCommand("alice", 10_000, nonce);

        Result first = replica.execute(open);
        replica.later(5_000);
        assertThat(replica.execute(open)).isEqualTo(first);
        replica.passes(9_999);

        // The retry has put off the end, too.
        assertThat(replica.isOpen(first.getSessionOpened().getSession())).isTrue();
        assertThat(replica.machine().state().sessions().size()).isEqualTo(1);
    }

    @Test
    void theNonceOfAnEndedSessionOpensAnother() {
        Command open = TestReplica.openCommand("alice", 10_000, replica.nonce());
        long first = replica.execute(open).getSessionOpened().getSession();
        replica.passes(10_000);

        assertThat(replica.execute(open).getSessionOpened().getSession()).isGreaterThan(first);
    }

    @Test
    void aSessionEndsByReplicatedTimeAlone() {
        TestSession alice = replica.open("alice", 10_000);

        replica.passes(9_999);
        assertThat(replica.isOpen(alice.id())).isTrue();
        replica.passes(1);
        assertThat(replica.isOpen(alice.id())).isFalse();
    }

    @Test
    void everyCommandPutsOffTheEnd() {
        TestSession alice = replica.open("alice", 10_000);

        replica.later(9_999);
        alice.keepsAlive();
        replica.later(9_999);
        alice.puts("key", "value");
        replica.later(9_999);
        alice.retries();
        replica.later(9_999);
        alice.tries("");
        replica.passes(9_999);
        assertThat(replica.isOpen(alice.id())).isTrue();

        replica.passes(1);
        assertThat(replica.isOpen(alice.id())).isFalse();
    }

    @Test
    @Tag("case-57")
    void aRetryHasOneEffectAndTheSameResult() {
        TestSession alice = replica.open("alice");

        Result result = alice.puts("key", "value");
        replica.open("bob").puts("key", "other");

        assertThat(alice.retries()).isEqualTo(result);
        assertThat(replica.key("key").getKeyState().getValue().toStringUtf8()).isEqualTo("other");
    }

    @Test
    @Tag("case-57")
    void aRetriedRefusalStaysARefusal() {
        TestReplica small =
                new TestReplica(StateMachineLimits.builder().maxKeys(1).build());
        TestSession alice = small.open("alice");
        TestSession bob = small.open("bob");
        alice.puts("first", "");

        assertThat(error(bob.puts("second", ""))).isEqualTo(Error.Code.LIMIT);
        alice.deletes("first");

        assertThat(error(bob.retries())).isEqualTo(Error.Code.LIMIT);
        assertThat(small.key("second").getKeyState().getExists()).isFalse();
    }

    @Test
    @Tag("case-57")
    void sequenceNumbersMayArriveInAnyOrder() {
        TestSession alice = replica.open("alice");
        Command first = put(alice, 1, 0, "first");
        Command second = put(alice, 2, 0, "second");
        Command third = put(alice, 3, 0, "third");

        Result thirdResult = replica.execute(third);
        Result firstResult = replica.execute(first);
        Result secondResult = replica.execute(second);

        assertThat(replica.execute(first)).isEqualTo(firstResult);
        assertThat(replica.execute(second)).isEqualTo(secondResult);
        assertThat(replica.execute(third)).isEqualTo(thirdResult);
        assertThat(firstResult.getWritten().getRevision())
                .isGreaterThan(thirdResult.getWritten().getRevision());
        assertThat(replica.key("key").getKeyState().getValue().toStringUtf8()).isEqualTo("second");
    }

    @Test
    @Tag("case-58")
    void aRetryAfterTheEndIsNeverExecuted() {
        TestSession alice = replica.open("alice", 10_000);
        TestSession bob = replica.open("bob");
        alice.puts("key", "old");
        bob.deletes("key");
        replica.passes(10_000);

        assertThat(error(alice.retries())).isEqualTo(Error.Code.SESSION_EXPIRED);
        assertThat(error(alice.keepsAlive())).isEqualTo(Error.Code.SESSION_EXPIRED);
        assertThat(replica.key("key").getKeyState().getExists()).isFalse();
    }

    @Test
    @Tag("case-58")
    void aCommandInTheEntryAtWhichItsSessionEndsIsTooLate() {
        TestSession alice = replica.open("alice", 10_000);
        replica.later(10_000);

        assertThat(error(alice.keepsAlive())).isEqualTo(Error.Code.SESSION_EXPIRED);
    }

    @Test
    void aClosedSessionIsGone() {
        TestSession alice = replica.open("alice");

        assertThat(alice.closes().hasDone()).isTrue();
        assertThat(replica.isOpen(alice.id())).isFalse();
        assertThat(error(alice.retries())).isEqualTo(Error.Code.SESSION_EXPIRED);
    }

    @Test
    @Tag("case-59")
    void acknowledgedResultsAreForgotten() {
        TestSession alice = replica.open("alice");
        Command first = put(alice, 1, 0, "first");
        replica.execute(first);
        replica.execute(put(alice, 2, 0, "second"));
        replica.execute(put(alice, 3, 1, "third"));

        assertThat(error(replica.execute(first))).isEqualTo(Error.Code.ALREADY_ACKNOWLEDGED);
        assertThat(tableOf(alice).size()).isEqualTo(2);
        assertThat(replica.key("key").getKeyState().getValue().toStringUtf8()).isEqualTo("third");
    }

    @Test
    @Tag("case-59")
    void anOlderAcknowledgementTakesNothingBack() {
        TestSession alice = replica.open("alice");
        replica.execute(put(alice, 5, 4, "five"));

        replica.execute(put(alice, 6, 2, "six"));

        assertThat(tableOf(alice).acknowledged()).isEqualTo(4);
        assertThat(error(replica.execute(put(alice, 3, 0, "three")))).isEqualTo(Error.Code.ALREADY_ACKNOWLEDGED);
    }

    @Test
    @Tag("case-59")
    void theTableIsBoundedByCount() {
        TestReplica small = new TestReplica(
                StateMachineLimits.builder().maxOutstandingResults(3).build());
        TestSession alice = small.open("alice", 10_000);
        for (int sequence = 1; sequence <= 3; sequence++) {
            small.execute(put(alice, sequence, 0, "value"));
        }

        small.later(9_999);
        assertThat(error(small.execute(put(alice, 4, 0, "four")))).isEqualTo(Error.Code.TOO_MANY_OUTSTANDING);
        assertThat(small.execute(put(alice, 3, 0, "value")).hasWritten()).isTrue();
        small.later(9_999);
        // Not remembered: it is executed as soon as there is room.
        assertThat(small.execute(put(alice, 4, 1, "four")).hasWritten()).isTrue();
    }

    @Test
    @Tag("case-59")
    void theTableIsBoundedByBytes() {
        TestReplica small = new TestReplica(
                StateMachineLimits.builder().maxOutstandingResultBytes(1_000).build());
        TestSession alice = small.open("alice");
        alice.puts("key", "x".repeat(2_000));
        Command.Builder compare = Command.newBuilder()
                .setVersion(1)
                .setSession(alice.id())
                .setAcknowledged(1)
                .setCompareAndSet(CompareAndSet.newBuilder().setKey("key").setAbsent(true));

        assertThat(small.execute(compare.setSequence(2).build()).hasMismatch()).isTrue();
        assertThat(error(small.execute(compare.setSequence(3).build()))).isEqualTo(Error.Code.LIMIT);
        compare.setAcknowledged(2);
        assertThat(small.execute(compare.setSequence(4).build()).hasMismatch()).isTrue();
    }

    @Test
    @Tag("case-57")
    @Tag("case-59")
    void whatWasRefusedForWantOfRoomIsNotExecutedWhenACopyComesLater() {
        StateMachineLimits limits =
                StateMachineLimits.builder().maxResultBytes(1_000).build();
        TestReplica small = new TestReplica(limits);
        TestSession alice = fills(small);
        TestSession bob = small.open("bob");
        Command refused = put(bob, 1, 0, "late");
        assertThat(error(small.execute(refused))).isEqualTo(Error.Code.LIMIT);

        TestReplica restored = small.restored(limits);
        for (TestReplica server : List.of(small, restored)) {
            alice.on(server).closes();
            assertThat(error(server.execute(refused))).isEqualTo(Error.Code.LIMIT);
            assertThat(server.key("key").getKeyState().getValue().toStringUtf8())
                    .isNotEqualTo("late");
            assertThat(bob.on(server)
                            .send(bob.next()
                                    .setAcknowledged(0)
                                    .setSequence(2)
                                    .setPut(Put.newBuilder().setKey("key")))
                            .hasWritten())
                    .isTrue();
        }
        assertThat(restored.snapshot()).isEqualTo(small.snapshot());
    }

    @Test
    @Tag("case-59")
    void locksAreGivenBackAlsoWhenThereIsNoRoomForResults() {
        TestReplica small = new TestReplica(
                StateMachineLimits.builder().maxResultBytes(1_000).build());
        TestSession bob = small.open("bob");
        TestSession carol = small.open("carol");
        long held = token(bob.tries("orders"));
        long other = token(bob.tries("invoices"));
        carol.waitsFor("orders");
        fills(small);

        assertThat(error(carol.tries("stock"))).isEqualTo(Error.Code.LIMIT);
        assertThat(carol.cancels("orders").hasLockReleased()).isTrue();
        assertThat(bob.releases("orders", held).hasLockReleased()).isTrue();
        assertThat(bob.releases("invoices", other).hasLockReleased()).isTrue();
        assertThat(small.machine().state().locks().all()).isEmpty();
    }

    /** Opens a session whose results take more than 1,000 bytes. */
    private static TestSession fills(TestReplica small) {
        TestSession filler = small.open("filler");
        filler.puts("key", "x".repeat(2_000));
        filler.swaps(CompareAndSet.newBuilder().setKey("key").setAbsent(true));
        return filler;
    }

    @Test
    @Tag("case-59")
    void theTablesOfAllSessionsAreBoundedTogether() {
        TestReplica small = new TestReplica(
                StateMachineLimits.builder().maxResultBytes(1_000).build());
        TestSession alice = small.open("alice");
        TestSession bob = small.open("bob");
        alice.puts("key", "x".repeat(2_000));
        alice.swaps(CompareAndSet.newBuilder().setKey("key").setAbsent(true));

        assertThat(error(bob.puts("key", "value"))).isEqualTo(Error.Code.LIMIT);
        assertThat(bob.keepsAlive().hasDone()).isTrue();
        TestReplica restored = small.restored(
                StateMachineLimits.builder().maxResultBytes(1_000).build());
        assertThat(error(bob.on(restored).puts("key", "value"))).isEqualTo(Error.Code.LIMIT);

        alice.closes();
        assertThat(bob.puts("key", "value").hasWritten()).isTrue();
    }

    @Test
    @Tag("case-59")
    @Tag("case-57")
    void theTableSurvivesASnapshot() {
        TestSession alice = replica.open("alice");
        long token = token(alice.tries("orders"));
        Command release = alice.next().setPut(Put.newBuilder().setKey("key")).build();
        Result result = replica.execute(release);

        TestReplica restarted = replica.restored();

        assertThat(restarted.execute(release)).isEqualTo(result);
        assertThat(restarted.lock("orders").getToken()).isEqualTo(token);
    }

    @Test
    void sessionsAreBounded() {
        TestReplica small =
                new TestReplica(StateMachineLimits.builder().maxSessions(1).build());
        TestSession alice = small.open("alice", 10_000);
        Command open = TestReplica.openCommand("bob", 10_000, small.nonce());

        assertThat(error(small.execute(open))).isEqualTo(Error.Code.LIMIT);
        alice.closes();
        assertThat(small.execute(open).hasSessionOpened()).isTrue();
    }

    @Test
    void wrongValuesAreRefused() {
        ByteString nonce = replica.nonce();
        TestSession alice = replica.open("alice");

        assertThat(error(replica.execute(TestReplica.openCommand("x", 99, nonce))))
                .isEqualTo(Error.Code.INVALID);
        assertThat(error(replica.execute(TestReplica.openCommand("x", -1, nonce))))
                .isEqualTo(Error.Code.INVALID);
        assertThat(error(replica.execute(TestReplica.openCommand("x".repeat(513), 1_000, nonce))))
                .isEqualTo(Error.Code.INVALID);
        assertThat(error(replica.execute(TestReplica.openCommand("x", 1_000, nonce.substring(1)))))
                .isEqualTo(Error.Code.INVALID);
        assertThat(error(replica.execute(TestReplica.openCommand("x", 1_000, nonce).toBuilder()
                        .setSession(alice.id())
                        .build())))
                .isEqualTo(Error.Code.INVALID);
        assertThat(error(replica.execute(put(alice, 0, 0, "zero")))).isEqualTo(Error.Code.INVALID);
        assertThat(error(replica.execute(put(alice, -1, 0, "minus one")))).isEqualTo(Error.Code.INVALID);
        assertThat(error(replica.execute(put(alice, 2, 2, "acknowledges itself"))))
                .isEqualTo(Error.Code.INVALID);
        assertThat(replica.execute(Command.newBuilder()
                                .setVersion(1)
                                .setSequence(1)
                                .setKeepAlive(KeepAlive.getDefaultInstance())
                                .build())
                        .getError()
                        .getCode())
                .isEqualTo(Error.Code.SESSION_EXPIRED);
    }

    private static Command put(TestSession session, long sequence, long acknowledged, String value) {
        return Command.newBuilder()
                .setVersion(1)
                .setSession(session.id())
                .setSequence(sequence)
                .setAcknowledged(acknowledged)
                .setPut(Put.newBuilder().setKey("key").setValue(ByteString.copyFromUtf8(value)))
                .build();
    }

    private DuplicateTable tableOf(TestSession session) {
        return replica.machine().state().sessions().find(session.id()).results();
    }
}
