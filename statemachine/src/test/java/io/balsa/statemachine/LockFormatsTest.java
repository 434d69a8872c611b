package io.balsa.statemachine;

import static io.balsa.statemachine.TestResults.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.statemachine.proto.AcquireLock;
import io.balsa.statemachine.proto.Command;
import io.balsa.statemachine.proto.LockMode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Locks in snapshots and commands of older and newer servers. */
class LockFormatsTest {
    private static final int VERSION_POSITION = 11;

    private static final String OLD_SNAPSHOT =
            "42616c7361534d0a00000001000000080a06080610c0843d000000381236080110a08d0618e091432210010000000000"
                    + "000000000000000000002a05616c69636530013a0f0802120ba201080804100218e8ca3d0000002e122c080210a08d06"
                    + "18e091432210020000000000000000000000000000002a03626f623a0908011205aa01020801000000251223080310a0"
                    + "8d0618e091432210030000000000000000000000000000002a056361726f6c0000002d1a2b0a066f7264657273100418"
                    + "0120012804300238c0843d40e8ca3d4a0f080610021801200128882730e0a03e000000043a020805c1380e3f";

    private final TestReplica replica = new TestReplica();
    private final TestSession alice = replica.open("alice");
    private final TestSession bob = replica.open("bob");
    private final TestSession carol = replica.open("carol");

    @Test
    void anExclusiveLockIsWrittenSoThatOlderServersReadIt() {
        alice.tries("orders");
        bob.waitsFor("orders");
        assertThat(replica.snapshot()[VERSION_POSITION]).isEqualTo((byte) 1);

        carol.waitsToRead("orders");
        assertThat(replica.snapshot()[VERSION_POSITION]).isEqualTo((byte) 2);
        carol.cancels("orders");
        assertThat(replica.snapshot()[VERSION_POSITION]).isEqualTo((byte) 1);
    }

    @Test
    void whatIsNewerThanTheFirstFormatSaysSo() {
        long read = token(alice.reads("orders"));
        assertThat(replica.snapshot()[VERSION_POSITION]).isEqualTo((byte) 2);
        alice.releases("orders", read);
        long permit = token(alice.takes("seats", 1, 2));
        assertThat(replica.snapshot()[VERSION_POSITION]).isEqualTo((byte) 2);
        alice.releases("seats", permit);
        long named = token(alice.asks(exclusive("leader").setData("10.0.0.1")));
        assertThat(replica.snapshot()[VERSION_POSITION]).isEqualTo((byte) 2);
        alice.releases("leader", named);
        assertThat(replica.snapshot()[VERSION_POSITION]).isEqualTo((byte) 1);
    }

    @Test
    @Tag("case-56")
    void aRestoredStateGoesOnWithReadersSemaphoresAndTheirWaiters() {
        TestSession dave = replica.open("dave");
        alice.asks(TestSession.shared("orders").setTtlMillis(3_000).setData("r1"));
        bob.asks(TestSession.shared("orders").setTtlMillis(4_000));
        carol.waitsFor("orders");
        dave.waitsToRead("orders");
        alice.asks(TestSession.permits("seats", 2, 3).setTtlMillis(3_000));
        bob.waitsToTake("seats", 3, 3);

        TestReplica restored = replica.restored();

        assertThat(restored.snapshot()).isEqualTo(replica.snapshot());
        assertThat(restored.lock("orders")).isEqualTo(replica.lock("orders"));
        assertThat(restored.lock("seats")).isEqualTo(replica.lock("seats"));
        restored.passes(3_000);
        assertThat(restored.holdersOf("orders")).containsExactly(bob.id());
        assertThat(restored.holdersOf("seats")).containsExactly(bob.id());
        restored.passes(1_000);
        assertThat(restored.holdersOf("orders")).containsExactly(carol.id());
        carol.on(restored).releases("orders", restored.lock("orders").getToken());
        assertThat(restored.holdersOf("orders")).containsExactly(dave.id());
    }

    /** Written by the version of Balsa that knew no locks but exclusive ones, of the state that is made here. */
    @Test
    void aSnapshotOfAnOlderServerIsRestored() throws IOException {
        alice.acquires("orders", 9_000, 0);
        alice.acquires("orders", 9_000, 0);
        bob.acquires("orders", 5_000, 20_000);
        CoordinationStateMachine restored = new CoordinationStateMachine();

        restored.restore(new ByteArrayInputStream(HexFormat.of().parseHex(OLD_SNAPSHOT)));

        NamedLock lock = restored.state().locks().find("orders");
        assertThat(lock.mode()).isEqualTo(LockMode.LOCK_MODE_EXCLUSIVE);
        assertThat(SimpleLocks.all(restored.state().locks()))
                .isEqualTo(SimpleLocks.all(replica.machine().state().locks()));
        assertThat(lock.firstHolding().count()).isEqualTo(2);
        assertThat(lock.firstWaiter().sinceMillis()).isZero();
    }

    @Test
    void aCommandNamesTheOldestFormatThatHasAllOfIt() {
        assertThat(FormatVersions.neededBy(command(exclusive("a")))).isEqualTo(1);
        assertThat(FormatVersions.neededBy(command(exclusive("a").setData("x"))))
                .isEqualTo(2);
        assertThat(FormatVersions.neededBy(command(exclusive("a").setCapacity(1))))
                .isEqualTo(2);
        assertThat(FormatVersions.neededBy(command(TestSession.shared("a")))).isEqualTo(2);
        assertThat(FormatVersions.neededBy(command(TestSession.permits("a", 1, 2))))
                .isEqualTo(2);
        assertThat(FormatVersions.neededBy(Command.getDefaultInstance())).isEqualTo(1);
    }

    /** Servers of the first version know nothing of modes, so that is what the command means everywhere. */
    @Test
    void aCommandOfTheFirstFormatHasNoModes() {
        Command.Builder command = alice.next()
                .setAcquireLock(TestSession.permits("orders", 2, 3)
                        .setHolder(alice.holder())
                        .setData("x"));
        alice.send(command.setVersion(1));

        assertThat(replica.lock("orders").getMode()).isEqualTo(LockMode.LOCK_MODE_EXCLUSIVE);
        assertThat(replica.lock("orders").getCapacity()).isZero();
        assertThat(replica.lock("orders").getHolders(0).getData()).isEmpty();
        assertThat(bob.reads("orders").hasLockHeld()).isTrue();
    }

    @Test
    void aNewerCommandHalts() {
        Command.Builder command = alice.next().setAcquireLock(exclusive("a").setHolder(1));

        assertThat(FormatVersions.refusalOf(
                        command.setVersion(FormatVersions.COMMAND).build().toByteArray()))
                .isEmpty();
        assertThat(FormatVersions.refusalOf(command.setVersion(3).build().toByteArray()))
                .isPresent();
        assertThatThrownBy(() -> replica.execute(command.setVersion(3).build()))
                .isInstanceOf(NewerFormatException.class)
                .hasMessageContaining("format 3");
    }

    private static AcquireLock.Builder exclusive(String lock) {
        return AcquireLock.newBuilder().setName(lock).setTtlMillis(TestSession.LOCK_TTL);
    }

    private static Command command(AcquireLock.Builder acquire) {
        return Command.newBuilder().setAcquireLock(acquire).build();
    }
}
