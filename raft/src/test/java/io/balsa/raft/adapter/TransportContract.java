package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link Transport} does. */
@Timeout(120)
abstract class TransportContract {
    static final NodeId A = NodeId.of("a");
    static final NodeId B = NodeId.of("b");
    static final NodeId C = NodeId.of("c");

    private final Map<NodeId, Transport> running = new HashMap<>();
    private final Map<NodeId, RecordingReceiver> receivers = new HashMap<>();

    /** Makes and starts the transport of a node that knows A, B and C; a restart comes under the same address. */
    abstract Transport start(NodeId node, Transport.Receiver receiver);

    /** The part of the thread names of a node that no other node of this test has; none if it has no threads. */
    abstract Optional<String> threadNameOf(NodeId node);

    /** Has a receiver take nothing until {@link RecordingReceiver#letGo()}. */
    void stick(RecordingReceiver receiver) {
        receiver.hold();
    }

    @AfterEach
    void endAll() {
        running.values().forEach(Transport::close);
    }

    private RecordingReceiver start(NodeId node) {
        RecordingReceiver receiver = new RecordingReceiver();
        receivers.put(node, receiver);
        running.put(node, start(node, receiver));
        return receiver;
    }

    private void stop(NodeId node) {
        running.remove(node).close();
    }

    private void send(Message message) {
        Transport transport = running.get(message.from());
        transport.send(message);
        transport.flush();
    }

    /** Sends until one arrives: what is sent before the connection stands is dropped. */
    private void awaitConnected(NodeId from, NodeId to) {
        Message probe = new Message.PreVoteResponse(from, to, Long.MAX_VALUE, false);
        await().pollInterval(Duration.ofMillis(10)).until(() -> {
            send(probe);
            return receivers.get(to).messages.contains(probe);
        });
        // Those that are still under way arrive before this one.
        Message last = new Message.PreVoteResponse(from, to, Long.MAX_VALUE, true);
        send(last);
        await().until(() -> receivers.get(to).messages.contains(last));
        receivers.get(to).messages.removeIf(message -> message.equals(probe) || message.equals(last));
    }

    private static Message numbered(NodeId from, NodeId to, long term, long number) {
        return new Message.AppendEntriesAccepted(from, to, term, number, 0, 0);
    }

    private static Message large(NodeId from, NodeId to) {
        LogEntry entry = new LogEntry(1, 1, EntryType.COMMAND, 0, new byte[64 << 10]);
        return new Message.AppendEntries(from, to, 1, 0, 0, List.of(entry), 0, 0, 0);
    }

    @Test
    void deliversMessagesOfEveryKind() {
        long seed = ThreadLocalRandom.current().nextLong();
        System.out.println("deliversMessagesOfEveryKind: seed " + seed);
        start(A);
        RecordingReceiver b = start(B);
        awaitConnected(A, B);
        List<Message> messages = new RandomFrames(seed).everyMessage(A, B);
        messages.forEach(this::send);
        await().until(() -> b.messages.size() == messages.size());
        // Parts of snapshots may be overtaken.
        Predicate<Message> isPart = Message.InstallSnapshot.class::isInstance;
        assertThat(b.messages).filteredOn(isPart.negate()).containsExactlyElementsOf(filter(messages, isPart.negate()));
        assertThat(b.messages).filteredOn(isPart).containsExactlyElementsOf(filter(messages, isPart));
    }

    private static List<Message> filter(List<Message> messages, Predicate<Message> wanted) {
        return messages.stream().filter(wanted).toList();
    }

    @Test
    void deliversBothWaysAmongThree() {
        start(A);
        start(B);
        start(C);
        List<NodeId> nodes = List.of(A, B, C);
        for (NodeId from : nodes) {
            for (NodeId to : nodes) {
                if (!from.equals(to)) {
                    awaitConnected(from, to);
                    send(numbered(from, to, 1, 7));
                    await().until(() -> receivers.get(to).messages.contains(numbered(from, to, 1, 7)));
                }
            }
        }
    }

    @Test
    void keepsTheOrderOfOneSenderOnALivingConnection() {
        start(A);
        RecordingReceiver b = start(B);
        awaitConnected(A, B);
        List<Message> sent = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            sent.add(numbered(A, B, 1, i));
            running.get(A).send(sent.get(i));
            if (i % 7 == 0) {
                running.get(A).flush();
            }
        }
        running.get(A).flush();
        await().until(() -> b.messages.size() == sent.size());
        assertThat(b.messages).containsExactlyElementsOf(sent);
    }

    @Test
    void manyThreadsMaySend() throws InterruptedException {
        start(A);
        RecordingReceiver b = start(B);
        awaitConnected(A, B);
        int threads = 4;
        int perThread = 500;
        CountDownLatch go = new CountDownLatch(1);
        List<Thread> senders = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int term = t + 1;
            Thread sender = new Thread(() -> {
                awaitUninterruptibly(go);
                for (int i = 0; i < perThread; i++) {
                    send(numbered(A, B, term, i));
                }
            });
            sender.start();
            senders.add(sender);
        }
        go.countDown();
        for (Thread sender : senders) {
            sender.join();
        }
        await().until(() -> b.messages.size() == threads * perThread);
        for (int t = 0; t < threads; t++) {
            int term = t + 1;
            List<Message> ofOne = b.messages.stream()
                    .filter(message -> message.term() == term)
                    .toList();
            List<Message> expected = new ArrayList<>();
            for (int i = 0; i < perThread; i++) {
                expected.add(numbered(A, B, term, i));
            }
            assertThat(ofOne).isEqualTo(expected);
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void reportsAnUnreachablePeerOnceUntilMessagesFlowAgain() {
        RecordingReceiver a = start(A);
        for (int i = 0; i < 100; i++) {
            send(numbered(A, B, 1, i));
        }
        await().until(() -> !a.unreachable.isEmpty());
        start(B);
        awaitConnected(A, B);
        assertThat(a.unreachable).containsExactly(B);
        stop(B);
        await().until(() -> {
            send(numbered(A, B, 1, 1));
            return a.unreachable.size() > 1;
        });
        for (int i = 0; i < 100; i++) {
            send(numbered(A, B, 1, i));
        }
        start(B);
        awaitConnected(A, B);
        assertThat(a.unreachable).containsExactly(B, B);
    }

    @Test
    void deliversAgainAfterThePeerWasRestarted() {
        start(A);
        start(B);
        awaitConnected(A, B);
        awaitConnected(B, A);
        for (int i = 0; i < 3; i++) {
            stop(B);
            start(B);
            awaitConnected(A, B);
            awaitConnected(B, A);
        }
    }

    @Test
    @Tag("case-88")
    void dropsRatherThanBlocksWhenAPeerIsStuckAndDisturbsNoOther() {
        RecordingReceiver a = start(A);
        RecordingReceiver b = start(B);
        RecordingReceiver c = start(C);
        awaitConnected(A, B);
        awaitConnected(A, C);
        int reportedBefore = Collections.frequency(a.unreachable, B);
        stick(b);
        await().pollInterval(Duration.ofMillis(1)).until(() -> {
            for (int i = 0; i < 16; i++) {
                send(large(A, B));
            }
            return Collections.frequency(a.unreachable, B) > reportedBefore;
        });
        send(numbered(A, C, 1, 1));
        await().until(() -> c.messages.contains(numbered(A, C, 1, 1)));
        b.letGo();
        awaitConnected(A, B);
    }

    @Test
    void goesOnAfterTheReceiverWasTooBusy() {
        start(A);
        RecordingReceiver b = start(B);
        awaitConnected(A, B);
        b.refuseNext.set(2);
        for (int i = 1; i <= 3; i++) {
            send(numbered(A, B, 1, i));
        }
        await().until(() -> !b.messages.isEmpty());
        assertThat(b.messages).containsExactly(numbered(A, B, 1, 3));
    }

    @Test
    void endsAllThreadsAndMayBeClosedTwice() {
        start(A);
        start(B);
        awaitConnected(A, B);
        Transport a = running.get(A);
        assertThat(threadsOf(A).isEmpty()).isEqualTo(threadNameOf(A).isEmpty());
        a.close();
        a.close();
        assertThat(threadsOf(A)).isEmpty();
        // A late sender must not fail.
        a.send(numbered(A, B, 1, 1));
        a.flush();
    }

    @Test
    void startsOnlyOnce() {
        RecordingReceiver a = start(A);
        assertThatThrownBy(() -> running.get(A).start(a)).isInstanceOf(IllegalStateException.class);
    }

    private List<String> threadsOf(NodeId node) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(name -> threadNameOf(node).filter(name::contains).isPresent())
                .toList();
    }
}
