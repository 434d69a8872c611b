package io.balsa.raft.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.Transport;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a group's transport passes on at once, and what waits for the other groups. */
class HostedTransportTest {
    private static final NodeId N1 = NodeId.of("n1");
    private static final NodeId N2 = NodeId.of("n2");
    private static final Message MESSAGE = new Message.RequestVoteResponse(N1, N2, 3, true);
    private static final long PATIENCE_SECONDS = 30;

    /** Notes what it is asked for. */
    private record Noting(List<String> calls) implements Transport {
        @Override
        public void start(Receiver receiver) {
            calls.add("start");
        }

        @Override
        public void send(Message message) {
            calls.add("send " + message.to());
        }

        @Override
        public void flush() {
            calls.add("flush");
        }

        @Override
        public void updateMembers(Configuration configuration) {
            calls.add("members " + configuration);
        }

        @Override
        public Optional<String> addressOf(NodeId server) {
            return Optional.of(server + ":1");
        }

        @Override
        public void close() {
            calls.add("close");
        }
    }

    private final List<String> calls = Collections.synchronizedList(new ArrayList<>());

    private void flushAll() {
        calls.add("flush all");
    }

    @Test
    void whatIsNotSentByADutyOfTheHostLeavesAtOnce() {
        try (SharedDutyRunner runner = new SharedDutyRunner("test", 1);
                HostedTransport transport = new HostedTransport(new Noting(calls), runner, this::flushAll)) {
            transport.start(null);
            transport.updateMembers(Configuration.of(List.of(N1, N2)));
            transport.send(MESSAGE);
            transport.flush();
            assertThat(transport.addressOf(N2)).contains("n2:1");
        }
        assertThat(calls).containsExactly("start", "members n1,n2", "send n2", "flush", "close");
    }

    @Test
    void whatGroupsSendInTheirTurnsLeavesTogether() {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        try (SharedDutyRunner runner = new SharedDutyRunner("test", 1)) {
            Runnable flushAll = this::flushAll;
            HostedTransport one = new HostedTransport(new Noting(calls), runner, flushAll);
            HostedTransport two = new HostedTransport(new Noting(calls), runner, flushAll);
            DutySlot slot = runner.slot("driver");
            slot.start(
                    new DutyCycle() {
                        @Override
                        public int doWork() {
                            if (!sent.isDone()) {
                                one.send(MESSAGE);
                                one.flush();
                                two.send(MESSAGE);
                                two.flush();
                                sent.complete(null);
                            }
                            return 0;
                        }

                        @Override
                        public long idleNanos() {
                            return Long.MAX_VALUE;
                        }
                    },
                    sent::completeExceptionally);
            assertThat(sent).succeedsWithin(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        // The runner has ended, and what was put off was run before.
        assertThat(calls).containsExactly("send n2", "send n2", "flush all");
    }
}
