package io.balsa.statemachine;

import static io.balsa.statemachine.TestResults.error;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.balsa.statemachine.proto.CompareAndSet;
import io.balsa.statemachine.proto.Error;
import io.balsa.statemachine.proto.KeyState;
import io.balsa.statemachine.proto.Mismatch;
import io.balsa.statemachine.proto.Result;
import org.junit.jupiter.api.Test;

class KeyValueStoreTest {
    private final TestReplica replica = new TestReplica();
    private final TestSession alice = replica.open("alice");

    @Test
    void aValueHasTheIndexOfItsEntryAsRevision() {
        long created = alice.puts("key", "old").getWritten().getRevision();
        long written = alice.puts("key", "new").getWritten().getRevision();

        KeyState state = replica.key("key").getKeyState();
        assertThat(state.getExists()).isTrue();
        assertThat(state.getValue().toStringUtf8()).isEqualTo("new");
        assertThat(state.getRevision()).isEqualTo(written).isEqualTo(replica.lastIndex());
        assertThat(state.getCreateRevision()).isEqualTo(created);
    }

    @Test
    void aDeletedKeyIsGoneAndIsCreatedAnew() {
        alice.puts("key", "value");

        assertThat(alice.deletes("key").getDeleted().getExisted()).isTrue();
        assertThat(alice.deletes("key").getDeleted().getExisted()).isFalse();
        assertThat(replica.key("key").getKeyState()).isEqualTo(KeyState.getDefaultInstance());

        long created = alice.puts("key", "value").getWritten().getRevision();
        assertThat(replica.key("key").getKeyState().getCreateRevision()).isEqualTo(created);
    }

    @Test
    void compareAndSetWritesOnlyWhatIsAsExpected() {
        assertThat(swap().setRevision(1))
                .satisfies(swap -> assertThat(mismatch(alice.swaps(swap))).isEqualTo(Mismatch.getDefaultInstance()));
        assertThat(alice.swaps(swap().setValue(ByteString.EMPTY)).hasMismatch()).isTrue();

        long revision = alice.swaps(swap().setAbsent(true)).getWritten().getRevision();
        Mismatch mismatch = mismatch(alice.swaps(swap().setAbsent(true)));
        assertThat(mismatch.getExists()).isTrue();
        assertThat(mismatch.getValue().toStringUtf8()).isEqualTo("new");
        assertThat(mismatch.getRevision()).isEqualTo(revision);
        assertThat(alice.swaps(swap().setRevision(revision - 1)).hasMismatch()).isTrue();
        assertThat(alice.swaps(swap().setRevision(revision)).hasWritten()).isTrue();
        assertThat(alice.swaps(swap().setValue(ByteString.copyFromUtf8("old"))).hasMismatch())
                .isTrue();
        assertThat(alice.swaps(swap().setValue(ByteString.copyFromUtf8("new"))).hasWritten())
                .isTrue();
    }

    @Test
    void wrongValuesAreRefused() {
        assertThat(error(alice.puts("", "value"))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.puts("x".repeat(513), "value"))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.puts("key", "x".repeat((1 << 20) + 1)))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.deletes(""))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.swaps(swap()))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.swaps(swap().setAbsent(false)))).isEqualTo(Error.Code.INVALID);
        assertThat(replica.key("").getError().getCode()).isEqualTo(Error.Code.INVALID);
        assertThat(alice.puts("key", "x".repeat(1 << 20)).hasWritten()).isTrue();
    }

    @Test
    void keysAndValuesAreBounded() {
        TestReplica small = new TestReplica(
                StateMachineLimits.builder().maxKeys(2).maxKeyValueBytes(20).build());
        TestSession session = small.open("alice");
        session.puts("a", "123456789");

        assertThat(error(session.puts("b", "1234567890"))).isEqualTo(Error.Code.LIMIT);
        assertThat(session.puts("b", "123456789").hasWritten()).isTrue();
        assertThat(error(session.puts("c", ""))).isEqualTo(Error.Code.LIMIT);
        assertThat(session.puts("b", "").hasWritten()).isTrue();
        assertThat(session.deletes("a").getDeleted().getExisted()).isTrue();
        assertThat(session.puts("c", "1234567890").hasWritten()).isTrue();
    }

    private static CompareAndSet.Builder swap() {
        return CompareAndSet.newBuilder().setKey("key").setNewValue(ByteString.copyFromUtf8("new"));
    }

    private static Mismatch mismatch(Result result) {
        assertThat(result.hasMismatch()).as(result.toString()).isTrue();
        return result.getMismatch();
    }
}
