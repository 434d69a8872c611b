package io.balsa.raft.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.GroupTransports;
import io.balsa.raft.port.Transport;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LocalGroupTransportsTest extends GroupTransportsContract {
    private static final int ENTRY_BYTES = 64 << 10;

    private final LocalNetwork network = new LocalNetwork();

    @Override
    GroupTransports make(NodeId host) {
        return new LocalGroupTransports(network, host);
    }

    @Override
    String threadNameOf(NodeId host) {
        return "balsa-local-" + host;
    }

    @Test
    void whatWaitsForAllGroupsTogetherIsBoundedAndLeavesRoomForAHeartbeat() {
        Message large = new Message.AppendEntries(
                A, B, 1, 0, 0, List.of(new LogEntry(1, 1, EntryType.COMMAND, 0, new byte[ENTRY_BYTES])), 0, 0, 0);
        Message heartbeat = new Message.AppendEntriesAccepted(A, B, 1, 1, 0, 0);
        RecordingReceiver receiver = new RecordingReceiver();
        try (LocalGroupTransports atA = new LocalGroupTransports(network, A);
                LocalGroupTransports atB = new LocalGroupTransports(network, B, 4 * ENTRY_BYTES)) {
            List<Transport> senders = new ArrayList<>();
            for (String group : List.of("one", "two", "three")) {
                Transport sender = atA.of(group);
                sender.start(new RecordingReceiver());
                senders.add(sender);
                atB.of(group).start(receiver);
            }
            receiver.hold();
            try {
                for (int i = 0; i < 10; i++) {
                    senders.get(0).send(large);
                    senders.get(1).send(large);
                }
                senders.get(2).send(heartbeat);
            } finally {
                receiver.letGo();
            }
            await().until(() -> receiver.messages.contains(heartbeat));
            // One may have been taken out already when it was held up.
            await().untilAsserted(() ->
                    assertThat(receiver.messages.stream().filter(large::equals)).hasSizeBetween(3, 4));
            // The room was given back.
            receiver.messages.clear();
            senders.get(0).send(large);
            await().until(() -> receiver.messages.contains(large));
        }
    }
}
