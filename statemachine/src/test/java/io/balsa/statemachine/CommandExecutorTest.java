package io.balsa.statemachine;

import static io.balsa.statemachine.TestReplica.answer;
import static io.balsa.statemachine.TestResults.error;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.InvariantViolation;
import io.balsa.raft.core.LogEntry;
import io.balsa.statemachine.proto.Command;
import io.balsa.statemachine.proto.Error;
import io.balsa.statemachine.proto.KeepAlive;
import io.balsa.statemachine.proto.Put;
import io.balsa.statemachine.proto.Query;
import io.balsa.statemachine.proto.Result;
import io.balsa.statemachine.proto.UpdateCounter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class CommandExecutorTest {
    private final TestReplica replica = new TestReplica();

    @Test
    @Tag("case-25")
    @Tag("case-86")
    void whatIsNoCommandIsRefusedAndTheNextOneIsExecuted() {
        TestSession alice = replica.open("alice");

        assertThat(error(replica.execute("not a command".getBytes(StandardCharsets.UTF_8))))
                .isEqualTo(Error.Code.INVALID);
        assertThat(error(replica.execute(new byte[0]))).isEqualTo(Error.Code.INVALID);
        assertThat(error(replica.execute(alice.next().setVersion(0).build()))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.send(alice.next()))).isEqualTo(Error.Code.INVALID);
        assertThat(alice.puts("key", "value").hasWritten()).isTrue();
    }

    @Test
    @Tag("case-25")
    @Tag("case-86")
    void aNameThatIsNotUtf8IsRefused() {
        TestSession alice = replica.open("alice");
        byte[] command = alice.next()
                .setPut(Put.newBuilder().setKey("#").setValue(ByteString.EMPTY))
                .build()
                .toByteArray();
        command[indexOf(command, (byte) '#')] = (byte) 0xff;

        assertThat(error(replica.execute(command))).isEqualTo(Error.Code.INVALID);
    }

    @Test
    @Tag("case-25")
    void theCommandOfAnUnknownSessionIsNotExecuted() {
        Command command = Command.newBuilder()
                .setVersion(1)
                .setSession(99)
                .setSequence(1)
                .setPut(Put.newBuilder().setKey("key"))
                .build();

        assertThat(error(replica.execute(command))).isEqualTo(Error.Code.SESSION_EXPIRED);
        assertThat(replica.key("key").getKeyState().getExists()).isFalse();
    }

    @Test
    @Tag("case-93")
    void aCommandOfANewerFormatHalts() {
        Command command = Command.newBuilder()
                .setVersion(FormatVersions.COMMAND + 1)
                .setKeepAlive(KeepAlive.getDefaultInstance())
                .build();

        assertThatThrownBy(() -> replica.execute(command))
                .isInstanceOf(NewerFormatException.class)
                .hasMessageContaining("format " + (FormatVersions.COMMAND + 1));
    }

    /** A server of an older version sees no operation in it, and all must have the same result. */
    @Test
    @Tag("case-93")
    void anOperationThatIsNewerThanTheFormatOfItsCommandIsNone() {
        TestSession alice = replica.open("alice");
        UpdateCounter update =
                UpdateCounter.newBuilder().setName("jobs").setSet(5).build();

        Result unseen = alice.send(alice.next().setVersion(1).setUpdateCounter(update));

        assertThat(unseen).isEqualTo(alice.send(alice.next()));
        assertThat(error(unseen)).isEqualTo(Error.Code.INVALID);
        assertThat(replica.counter("jobs").getValue()).isZero();
        assertThat(alice.send(alice.next().setVersion(2).setUpdateCounter(update))
                        .hasCounterUpdated())
                .isTrue();
    }

    @Test
    @Tag("case-93")
    void aCommandThatWouldHaltIsNotEvenProposed() {
        Command.Builder command = Command.newBuilder()
                .setSession(1)
                .setSequence(1)
                .setPut(Put.newBuilder().setKey("key").setValue(ByteString.copyFromUtf8("value")));

        assertThat(FormatVersions.refusalOf(command.setVersion(1).build().toByteArray()))
                .isEmpty();
        assertThat(FormatVersions.refusalOf(
                        command.setVersion(FormatVersions.COMMAND).build().toByteArray()))
                .isEmpty();
        assertThat(FormatVersions.refusalOf(
                        command.setVersion(FormatVersions.COMMAND + 1).build().toByteArray()))
                .hasValueSatisfying(reason -> assertThat(reason).contains("format " + (FormatVersions.COMMAND + 1)));
        assertThat(FormatVersions.refusalOf(command.setVersion(-1).build().toByteArray()))
                .isPresent();
        assertThat(FormatVersions.refusalOf("not a command".getBytes(StandardCharsets.UTF_8)))
                .isPresent();
    }

    @Test
    @Tag("case-86")
    void whatIsNoQueryIsAnsweredByAnError() {
        assertThat(answer(read(new byte[] {1, 2, 3})).getError().getCode()).isEqualTo(Error.Code.INVALID);
        assertThat(answer(read(new byte[0])).getError().getCode()).isEqualTo(Error.Code.INVALID);
        assertThat(answer(read(Query.newBuilder().setVersion(2).build().toByteArray()))
                        .getError()
                        .getCode())
                .isEqualTo(Error.Code.INVALID);
        assertThat(replica.ask(TestReplica.query().build()).getError().getCode())
                .isEqualTo(Error.Code.INVALID);
    }

    @Test
    void entriesOfOtherTypesHaveNoResult() {
        assertThat(replica.append(EntryType.NO_OP, new byte[0])).isEmpty();
        assertThat(replica.append(EntryType.CLOCK, new byte[0])).isEmpty();
    }

    @Test
    void entriesComeInOrderAndTheirStampsNeverGoBack() {
        replica.passes(1);
        CoordinationStateMachine machine = replica.machine();
        LogEntry twice = new LogEntry(1, 1, EntryType.CLOCK, replica.nowMillis(), new byte[0]);
        LogEntry skipped = new LogEntry(3, 1, EntryType.CLOCK, replica.nowMillis(), new byte[0]);
        LogEntry early = new LogEntry(2, 1, EntryType.CLOCK, replica.nowMillis() - 1, new byte[0]);

        assertThatThrownBy(() -> machine.apply(twice)).isInstanceOf(InvariantViolation.class);
        assertThatThrownBy(() -> machine.apply(skipped)).isInstanceOf(InvariantViolation.class);
        assertThatThrownBy(() -> machine.apply(early)).isInstanceOf(InvariantViolation.class);
    }

    private CompletableFuture<byte[]> read(byte[] query) {
        CompletableFuture<byte[]> reply = new CompletableFuture<>();
        replica.machine().read(query, reply);
        return reply;
    }

    private static int indexOf(byte[] bytes, byte wanted) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        throw new AssertionError("not found");
    }
}
