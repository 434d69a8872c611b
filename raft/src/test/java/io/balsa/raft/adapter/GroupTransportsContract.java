package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.GroupTransports;
import io.balsa.raft.port.Transport;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link GroupTransports} does. */
@Timeout(120)
abstract class GroupTransportsContract {
    static final NodeId A = NodeId.of("a");
    static final NodeId B = NodeId.of("b");

    private final Map<NodeId, GroupTransports> hosts = new HashMap<>();

    /** Makes the transports of a host that knows A and B; a restart comes under the same address. */
    abstract GroupTransports make(NodeId host);

    /** The part of the thread names of a host that no other host of this test has; none if it has no threads. */
    abstract Optional<String> threadNameOf(NodeId host);

    @AfterEach
    void endAll() {
        hosts.values().forEach(GroupTransports::close);
    }

    private GroupTransports host(NodeId id) {
        return hosts.computeIfAbsent(id, this::make);
    }

    /** A group's part of a host, and what arrived there. */
    private final class Member implements AutoCloseable {
        private final Transport transport;
        private final RecordingReceiver receiver = new RecordingReceiver();

        Member(NodeId host, String group) {
            transport = host(host).of(group);
            transport.start(receiver);
            transport.updateMembers(Configuration.of(List.of(A, B)));
        }

        void send(Message message) {
            transport.send(message);
            transport.flush();
        }

        /** Sends until it arrives: what is sent before the connection stands is dropped. */
        void awaitDelivery(Message message, Member to) {
            await().pollInterval(Duration.ofMillis(10)).until(() -> {
                send(message);
                return to.receiver.messages.contains(message);
            });
        }

        @Override
        public void close() {
            transport.close();
        }
    }

    private static Message numbered(long number) {
        return new Message.AppendEntriesAccepted(A, B, 1, number, 0, 0);
    }

    private static Message large() {
        LogEntry entry = new LogEntry(1, 1, EntryType.COMMAND, 0, new byte[64 << 10]);
        return new Message.AppendEntries(A, B, 1, 0, 0, List.of(entry), 0, 0, 0);
    }

    @Test
    void deliversToTheGroupThatAMessageIsFor() {
        Member oneAtA = new Member(A, "one");
        Member twoAtA = new Member(A, "two");
        Member oneAtB = new Member(B, "one");
        Member twoAtB = new Member(B, "two");
        oneAtA.awaitDelivery(numbered(1), oneAtB);
        twoAtA.awaitDelivery(numbered(2), twoAtB);
        assertThat(oneAtB.receiver.messages).containsOnly(numbered(1));
        assertThat(twoAtB.receiver.messages).containsOnly(numbered(2));
    }

    @Test
    void sendsWhatAllGroupsHoldBackAtOnce() {
        Member oneAtA = new Member(A, "one");
        Member twoAtA = new Member(A, "two");
        Member oneAtB = new Member(B, "one");
        Member twoAtB = new Member(B, "two");
        oneAtA.awaitDelivery(numbered(1), oneAtB);
        oneAtA.transport.send(numbered(2));
        twoAtA.transport.send(numbered(3));
        host(A).flush();
        await().until(() ->
                oneAtB.receiver.messages.contains(numbered(2)) && twoAtB.receiver.messages.contains(numbered(3)));
    }

    @Test
    void dropsWhatIsForAGroupThatHasNotStartedOrWasClosed() {
        Member oneAtA = new Member(A, "one");
        Member twoAtA = new Member(A, "two");
        Member oneAtB = new Member(B, "one");
        oneAtA.awaitDelivery(numbered(1), oneAtB);
        twoAtA.send(numbered(2));
        oneAtA.awaitDelivery(numbered(3), oneAtB);
        Member twoAtB = new Member(B, "two");
        twoAtA.awaitDelivery(numbered(4), twoAtB);
        assertThat(twoAtB.receiver.messages).containsOnly(numbered(4));
        twoAtB.close();
        twoAtA.send(numbered(5));
        oneAtA.awaitDelivery(numbered(6), oneAtB);
        assertThat(twoAtB.receiver.messages).containsOnly(numbered(4));
    }

    @Test
    void aGroupIsClosedAndBegunAnewWhileAnotherGoesOn() {
        Member oneAtA = new Member(A, "one");
        Member oneAtB = new Member(B, "one");
        try (Member twoAtA = new Member(A, "two");
                Member twoAtB = new Member(B, "two")) {
            twoAtA.awaitDelivery(numbered(1), twoAtB);
            assertThatThrownBy(() -> host(A).of("two"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("'two'");
        }
        oneAtA.awaitDelivery(numbered(2), oneAtB);
        Member twoAtA = new Member(A, "two");
        Member twoAtB = new Member(B, "two");
        twoAtA.awaitDelivery(numbered(3), twoAtB);
        assertThat(twoAtB.receiver.messages).doesNotContain(numbered(1));
    }

    @Test
    void aGroupThatFloodsLeavesWayForTheOthers() {
        Member floodAtA = new Member(A, "flood");
        Member floodAtB = new Member(B, "flood");
        Member calmAtA = new Member(A, "calm");
        Member calmAtB = new Member(B, "calm");
        calmAtA.awaitDelivery(numbered(1), calmAtB);
        floodAtA.awaitDelivery(numbered(1), floodAtB);
        for (int round = 2; round < 10; round++) {
            for (int i = 0; i < 200; i++) {
                floodAtA.send(large());
            }
            // Sent once: it may wait for its turn, but is not dropped for what the other sends.
            Message heartbeat = numbered(round);
            calmAtA.send(heartbeat);
            await().until(() -> calmAtB.receiver.messages.contains(heartbeat));
        }
    }

    @Test
    void tellsEachGroupThatAPeerIsLost() {
        Member oneAtA = new Member(A, "one");
        Member twoAtA = new Member(A, "two");
        Member oneAtB = new Member(B, "one");
        Member twoAtB = new Member(B, "two");
        oneAtA.awaitDelivery(numbered(1), oneAtB);
        twoAtA.awaitDelivery(numbered(1), twoAtB);
        oneAtA.receiver.unreachable.clear();
        twoAtA.receiver.unreachable.clear();
        hosts.remove(B).close();
        await().until(() -> oneAtA.receiver.unreachable.contains(B) && twoAtA.receiver.unreachable.contains(B));
        Member again = new Member(B, "two");
        twoAtA.awaitDelivery(numbered(2), again);
    }

    @Test
    void refusesNamesThatAreNone() {
        for (String name : new String[] {"", "x".repeat(GroupTransports.MAX_NAME_LENGTH + 1)}) {
            assertThatThrownBy(() -> host(A).of(name))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("1 to 64 characters");
        }
        Member longest = new Member(A, "x".repeat(GroupTransports.MAX_NAME_LENGTH));
        assertThat(longest.receiver.messages).isEmpty();
    }

    @Test
    void endsAllThreadsAndMayBeClosedTwice() {
        Member oneAtA = new Member(A, "one");
        Member oneAtB = new Member(B, "one");
        oneAtA.awaitDelivery(numbered(1), oneAtB);
        assertThat(threadsOf(A).isEmpty()).isEqualTo(threadNameOf(A).isEmpty());
        host(A).close();
        host(A).close();
        assertThat(threadsOf(A)).isEmpty();
        oneAtA.send(numbered(2));
        oneAtA.close();
        assertThatThrownBy(() -> host(A).of("two")).isInstanceOf(IllegalStateException.class);
    }

    private List<String> threadsOf(NodeId host) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(name -> threadNameOf(host).filter(name::contains).isPresent())
                .toList();
    }
}
