package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.ProtobufCodec.require;

import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;

/** Holds the entries of one message to the rules that the core takes for granted: consecutive, and their terms and times in order. */
final class EntryChecks {
    private final long messageTerm;
    private long lastIndex;
    private long lastTerm;
    private long lastTimeMillis;

    /** @throws MalformedFrameException if that is not where entries of a leader of this term could begin */
    EntryChecks(long messageTerm, long prevLogIndex, long prevLogTerm) throws MalformedFrameException {
        require(messageTerm > 0, "a leader in term 0");
        ProtobufCodec.notNegative(prevLogIndex, "previous index");
        ProtobufCodec.notNegative(prevLogTerm, "previous term");
        require((prevLogIndex == 0) == (prevLogTerm == 0), "a previous term that does not fit its index");
        require(prevLogTerm <= messageTerm, "a previous term above that of the message");
        this.messageTerm = messageTerm;
        this.lastIndex = prevLogIndex;
        this.lastTerm = prevLogTerm;
    }

    /** The next entry, which keeps its payload. */
    LogEntry next(long index, long term, int typeNumber, long timeMillis, byte[] payload)
            throws MalformedFrameException {
        require(lastIndex < Long.MAX_VALUE && index == lastIndex + 1, "entries that are not consecutive");
        require(term > 0, "an entry of term 0");
        require(term >= lastTerm && term <= messageTerm, "an entry whose term is out of order");
        require(timeMillis >= lastTimeMillis, "an entry that is older than the one before");
        EntryType type = ProtobufCodec.entryType(typeNumber);
        ProtobufCodec.checkPayload(type, payload);
        lastIndex = index;
        lastTerm = term;
        lastTimeMillis = timeMillis;
        return new LogEntry(index, term, type, timeMillis, payload);
    }
}
