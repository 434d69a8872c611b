package io.balsa.statemachine;

import static io.balsa.statemachine.TestReplica.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.port.StateMachine;
import io.balsa.statemachine.proto.ServiceInstance;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SnapshotTest {
    private final TestReplica replica = new TestReplica();

    @Test
    @Tag("case-56")
    void aSnapshotHoldsEverythingAsOfOneIndex() {
        TestSession alice = replica.open("alice");
        TestSession bob = replica.open("bob", 7_000);
        alice.tries("orders");
        alice.tries("orders");
        bob.waitsFor("orders");
        bob.registers("shop", "a", "10.0.0.1");
        bob.puts("key", "value");
        bob.adds("jobs", 5);
        alice.arrives("start", 1);
        bob.arrives("start", 2);
        StateMachine.Snapshot snapshot = replica.machine().cutSnapshot();
        byte[] before = TestReplica.bytesOf(snapshot);
        long index = replica.lastIndex();

        alice.closes();
        bob.deletes("key");
        bob.adds("jobs", -3);
        bob.leaves("start");
        replica.passes(50_000);

        assertThat(snapshot.index()).isEqualTo(index);
        assertThat(TestReplica.bytesOf(snapshot)).isEqualTo(before);
        snapshot.close();
    }

    @Test
    @Tag("case-56")
    void aRestoredStateGoesOnWithSessionsLocksAndTheirTimes() {
        TestSession alice = replica.open("alice");
        TestSession bob = replica.open("bob", 70_000);
        alice.acquires("orders", 9_000, 0);
        bob.acquires("orders", 5_000, 20_000);
        bob.registers("shop", "a", "10.0.0.1");
        bob.puts("key", "value");

        TestReplica restored = replica.restored();

        assertThat(restored.machine().nextDeadlineMillis())
                .isEqualTo(replica.machine().nextDeadlineMillis());
        assertThat(restored.lock("orders")).isEqualTo(replica.lock("orders"));
        assertThat(restored.key("key")).isEqualTo(replica.key("key"));
        assertThat(restored.services("")).isEqualTo(replica.services(""));
        restored.passes(9_000);
        assertThat(restored.lock("orders").getSession()).isEqualTo(bob.id());
        restored.passes(5_000);
        assertThat(restored.lock("orders").getHeld()).isFalse();
        restored.passes(56_000);
        assertThat(restored.isOpen(bob.id())).isFalse();
        assertThat(restored.services("").getServiceList().getServicesCount()).isZero();
    }

    @Test
    void theOrderOfMetadataDoesNotMatter() {
        TestReplica other = new TestReplica();
        ServiceInstance instance =
                ServiceInstance.newBuilder().setName("shop").setId("a").build();

        replica.open("alice")
                .registers(instance.toBuilder()
                        .putMetadata("x", "1")
                        .putMetadata("y", "2")
                        .build());
        other.open("alice")
                .registers(instance.toBuilder()
                        .putMetadata("y", "2")
                        .putMetadata("x", "1")
                        .build());

        assertThat(other.snapshot()).isEqualTo(replica.snapshot());
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("io.balsa.statemachine.Seeds#all")
    void restoringGivesTheSameBytes(long seed) {
        RandomWorkload workload = new RandomWorkload(seed, replica);
        for (int step = 0; step < 500; step++) {
            workload.step();
            if (step % 10 == 0) {
                assertThat(replica.restored().snapshot()).as("step %d", step).isEqualTo(replica.snapshot());
            }
        }
    }

    @Test
    void readsThatWaitAreAnsweredByTheRestoredState() throws IOException {
        TestSession alice = replica.open("alice");
        TestReplica ahead = replica.restored();
        CompletableFuture<byte[]> watch = replica.watches("shop", replica.lastIndex());
        CompletableFuture<byte[]> other = replica.watches("bank", replica.lastIndex());
        alice.on(ahead).registers("shop", "a", "10.0.0.1");

        replica.machine().restore(new ByteArrayInputStream(ahead.snapshot()));

        assertThat(answer(watch).getServiceEvents().getEventsCount()).isEqualTo(1);
        assertThat(other).isNotDone();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("io.balsa.statemachine.Seeds#all")
    void everyFlippedBitAndEveryCutIsFound(long seed) {
        RandomWorkload workload = new RandomWorkload(seed, replica);
        for (int step = 0; step < 60; step++) {
            workload.step();
        }
        byte[] good = replica.snapshot();

        for (int position = 0; position < good.length; position++) {
            byte[] damaged = good.clone();
            damaged[position] ^= (byte) (1 << (position % 8));
            assertRefused(damaged, "bit " + position % 8 + " of byte " + position);
            assertRefused(Arrays.copyOf(good, position), "cut at " + position);
        }
        assertRefused(Arrays.copyOf(good, good.length + 1), "one byte too many");
    }

    @Test
    void aNewerFormatIsNamed() {
        byte[] bytes = replica.snapshot();
        bytes[11] = (byte) (FormatVersions.SNAPSHOT + 1);

        assertThatThrownBy(() -> new CoordinationStateMachine().restore(new ByteArrayInputStream(bytes)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("format " + (FormatVersions.SNAPSHOT + 1));
    }

    /** So that servers of the first version can have it, and later ones refuse it by its format's name. */
    @Test
    @Tag("case-93")
    void aSnapshotSaysTheOldestFormatThatHasAllOfIt() {
        TestSession alice = replica.open("alice");
        assertThat(replica.snapshot()[11]).isEqualTo((byte) 1);

        alice.sets("jobs", 5);
        assertThat(replica.snapshot()[11]).isEqualTo((byte) 2);
        alice.sets("jobs", 0);
        assertThat(replica.snapshot()[11]).isEqualTo((byte) 1);

        alice.arrives("start", 2);
        assertThat(replica.snapshot()[11]).isEqualTo((byte) 2);
        alice.leaves("start");
        assertThat(replica.snapshot()[11]).isEqualTo((byte) 1);
    }

    private static void assertRefused(byte[] bytes, String what) {
        assertThatThrownBy(() -> new CoordinationStateMachine().restore(new ByteArrayInputStream(bytes)))
                .as(what)
                .isInstanceOf(IOException.class);
    }
}
