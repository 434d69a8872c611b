package io.balsa.fuzz;

import com.sun.management.ThreadMXBean;
import io.balsa.raft.adapter.ClientFrameDecoder;
import io.balsa.raft.adapter.DurableMarkDecoder;
import io.balsa.raft.adapter.FramesDecoder;
import io.balsa.raft.adapter.GroupRecordDecoder;
import io.balsa.raft.adapter.HandshakeDecoder;
import io.balsa.raft.adapter.HardStateDecoder;
import io.balsa.raft.adapter.LogRecordDecoder;
import io.balsa.raft.adapter.LogSegmentDecoder;
import io.balsa.raft.adapter.PeerMessageDecoder;
import io.balsa.raft.adapter.SnapshotFileDecoder;
import io.balsa.raft.core.ConfigurationDecoder;
import io.balsa.simulation.history.HistoryDecoder;
import io.balsa.statemachine.CommandDecoder;
import io.balsa.statemachine.QueryDecoder;
import io.balsa.statemachine.SnapshotDecoder;
import io.balsa.statemachine.session.AnswerDecoder;
import java.lang.management.ManagementFactory;
import java.util.Map;

/** The decoders that are fuzzed. */
public enum Target {
    FRAMES,
    HANDSHAKE,
    PEER_MESSAGE,
    CONFIGURATION,
    CLIENT_FRAME,
    LOG_RECORD,
    LOG_SEGMENT,
    GROUP_RECORD,
    HARD_STATE,
    DURABLE_MARK,
    SNAPSHOT_FILE,
    COMMAND,
    QUERY,
    ANSWER,
    SNAPSHOT,
    HISTORY;

    /** What a byte of the input may cost in memory: objects are larger than what they are decoded from. */
    private static final long BYTES_PER_INPUT_BYTE = 1000;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final Map<Target, Decoder> DECODERS = Map.ofEntries(
            Map.entry(FRAMES, new FramesDecoder()),
            Map.entry(HANDSHAKE, new HandshakeDecoder()),
            Map.entry(PEER_MESSAGE, new PeerMessageDecoder()),
            Map.entry(CONFIGURATION, new ConfigurationDecoder()),
            Map.entry(CLIENT_FRAME, new ClientFrameDecoder()),
            Map.entry(LOG_RECORD, new LogRecordDecoder()),
            Map.entry(LOG_SEGMENT, new LogSegmentDecoder()),
            Map.entry(GROUP_RECORD, new GroupRecordDecoder()),
            Map.entry(HARD_STATE, new HardStateDecoder()),
            Map.entry(DURABLE_MARK, new DurableMarkDecoder()),
            Map.entry(SNAPSHOT_FILE, new SnapshotFileDecoder()),
            Map.entry(COMMAND, new CommandDecoder()),
            Map.entry(QUERY, new QueryDecoder()),
            Map.entry(ANSWER, new AnswerDecoder()),
            Map.entry(SNAPSHOT, new SnapshotDecoder()),
            Map.entry(HISTORY, new HistoryDecoder()));

    public Decoder decoder() {
        return DECODERS.get(this);
    }

    /** Decodes an input, and checks also what that allocates. */
    void run(byte[] input) throws Exception {
        long bound = decoder().fixedBytes() + BYTES_PER_INPUT_BYTE * input.length;
        if (allocatedBy(input) > bound) {
            // The first time may have loaded classes; the second tells.
            long allocated = allocatedBy(input);
            Check.that(
                    allocated <= bound,
                    this + " allocated " + allocated + " bytes for an input of " + input.length + ", more than "
                            + bound);
        }
    }

    private long allocatedBy(byte[] input) throws Exception {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        decoder().decode(input.clone());
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
}
