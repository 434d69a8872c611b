package io.balsa.raft.adapter;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.core.SnapshotMetadata;
import io.balsa.raft.port.GroupTransports;
import io.balsa.raft.proto.PeerFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * Turns messages between servers into protobuf and back. Nothing that is decoded breaks a rule that the core takes for
 * granted of a single message: a hostile or damaged frame ends here.
 */
public final class ProtobufCodec {
    /** Our own messages nest three deep; what nests deeper is an attack on the stack (case 86). */
    private static final int RECURSION_LIMIT = 16;

    private ProtobufCodec() {}

    /** The bytes of a message, without a length. */
    public static byte[] encode(Message message) {
        return encode("", message);
    }

    /** @param group whose message it is; empty where there is only one */
    static byte[] encode(String group, Message message) {
        return message instanceof Message.AppendEntries append
                ? AppendEntriesCodec.encode(group, append)
                : toFrame(group, message).toByteArray();
    }

    /**
     * A frame with these bytes; whoever gets it must write or release it.
     *
     * @param scratch where they may pass through
     * @param loop the event loop that calls
     */
    static ByteBuf frame(ByteBufAllocator allocator, String group, Message message, Scratch scratch, Executor loop) {
        return message instanceof Message.AppendEntries append
                ? SharedEntries.ofThread().frame(allocator, group, append, scratch, loop)
                : Frames.encode(allocator, toFrame(group, message));
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws MalformedFrameException if the bytes are not a message that a correct server sends
     */
    public static Message decodeMessage(byte[] bytes) throws MalformedFrameException {
        AppendEntriesCodec.Addressed append = AppendEntriesCodec.decode(bytes);
        return append == null ? fromFrame(parse(PeerFrame.parser(), bytes)) : append.message();
    }

    /** Parses one protobuf message with all limits set. The array belongs to the result from then on. */
    static <T extends MessageLite> T parse(Parser<T> parser, byte[] bytes) throws MalformedFrameException {
        try {
            CodedInputStream input = CodedInputStream.newInstance(bytes);
            input.setRecursionLimit(RECURSION_LIMIT);
            input.enableAliasing(true);
            T message = parser.parseFrom(input);
            // The parser also stops at an end-of-group tag, and would hide what follows.
            input.checkLastTagWas(0);
            return message;
        } catch (InvalidProtocolBufferException e) {
            throw new MalformedFrameException("not the protobuf that was expected: " + e.getMessage(), e);
        }
    }

    /** @param group whose message it is; empty where there is only one */
    static PeerFrame toFrame(String group, Message message) {
        PeerFrame.Builder frame = PeerFrame.newBuilder()
                .setGroup(group)
                .setFrom(message.from().value())
                .setTo(message.to().value())
                .setTerm(message.term());
        if (message instanceof Message.PreVote m) {
            frame.setPreVote(PeerFrame.PreVote.newBuilder()
                    .setLastLogIndex(m.lastLogIndex())
                    .setLastLogTerm(m.lastLogTerm()));
        } else if (message instanceof Message.PreVoteResponse m) {
            frame.setPreVoteResponse(PeerFrame.PreVoteResponse.newBuilder().setGranted(m.granted()));
        } else if (message instanceof Message.RequestVote m) {
            frame.setRequestVote(PeerFrame.RequestVote.newBuilder()
                    .setLastLogIndex(m.lastLogIndex())
                    .setLastLogTerm(m.lastLogTerm())
                    .setLeadershipTransfer(m.leadershipTransfer()));
        } else if (message instanceof Message.RequestVoteResponse m) {
            frame.setRequestVoteResponse(
                    PeerFrame.RequestVoteResponse.newBuilder().setGranted(m.granted()));
        } else if (message instanceof Message.AppendEntries m) {
            frame.setAppendEntries(appendEntries(m));
        } else if (message instanceof Message.AppendEntriesAccepted m) {
            frame.setAppendEntriesAccepted(PeerFrame.AppendEntriesAccepted.newBuilder()
                    .setMatchIndex(m.matchIndex())
                    .setRound(m.round())
                    .setLoyaltyMillis(m.loyaltyMillis()));
        } else if (message instanceof Message.AppendEntriesRejected m) {
            frame.setAppendEntriesRejected(PeerFrame.AppendEntriesRejected.newBuilder()
                    .setPrevLogIndex(m.prevLogIndex())
                    .setConflictTerm(m.conflictTerm())
                    .setConflictIndex(m.conflictIndex())
                    .setRound(m.round())
                    .setLoyaltyMillis(m.loyaltyMillis()));
        } else if (message instanceof Message.TimeoutNow) {
            frame.setTimeoutNow(PeerFrame.TimeoutNow.getDefaultInstance());
        } else if (message instanceof Message.InstallSnapshot m) {
            frame.setInstallSnapshot(installSnapshot(m));
        } else if (message instanceof Message.InstallSnapshotResponse m) {
            frame.setInstallSnapshotResponse(PeerFrame.InstallSnapshotResponse.newBuilder()
                    .setSnapshotIndex(m.snapshotIndex())
                    .setNextOffset(m.nextOffset()));
        } else if (message instanceof Message.ReadIndexRequest m) {
            frame.setReadIndexRequest(PeerFrame.ReadIndexRequest.newBuilder().setRequestId(m.requestId()));
        } else if (message instanceof Message.ReadIndexResponse m) {
            frame.setReadIndexResponse(PeerFrame.ReadIndexResponse.newBuilder()
                    .setRequestId(m.requestId())
                    .setIndex(m.index()));
        } else {
            throw new IllegalArgumentException("no protobuf for " + message.getClass());
        }
        return frame.build();
    }

    private static PeerFrame.AppendEntries appendEntries(Message.AppendEntries message) {
        PeerFrame.AppendEntries.Builder builder = PeerFrame.AppendEntries.newBuilder()
                .setPrevLogIndex(message.prevLogIndex())
                .setPrevLogTerm(message.prevLogTerm())
                .setLeaderCommit(message.leaderCommit())
                .setMatchIndex(message.matchIndex())
                .setRound(message.round());
        for (LogEntry entry : message.entries()) {
            builder.addEntries(PeerFrame.Entry.newBuilder()
                    .setIndex(entry.index())
                    .setTerm(entry.term())
                    .setType(toProto(entry.type()))
                    .setTimeMillis(entry.timeMillis())
                    .setPayload(wrap(entry.payload())));
        }
        return builder.build();
    }

    private static PeerFrame.InstallSnapshot installSnapshot(Message.InstallSnapshot message) {
        SnapshotMetadata metadata = message.snapshot().metadata();
        return PeerFrame.InstallSnapshot.newBuilder()
                .setIndex(metadata.index())
                .setIndexTerm(metadata.term())
                .setTimeMillis(metadata.timeMillis())
                .setConfiguration(wrap(metadata.configuration().encode()))
                .setSizeBytes(message.snapshot().sizeBytes())
                .setChecksum(message.snapshot().checksum())
                .setOffset(message.offset())
                .setData(wrap(message.data()))
                .setDataChecksum(message.dataChecksum())
                .build();
    }

    /** Which group a frame is for; empty where there is only one. */
    static String group(PeerFrame frame) throws MalformedFrameException {
        return checkGroup(frame.getGroup());
    }

    static String checkGroup(String group) throws MalformedFrameException {
        require(group.length() <= GroupTransports.MAX_NAME_LENGTH, "the name of a group that is too long");
        return group;
    }

    static Message fromFrame(PeerFrame frame) throws MalformedFrameException {
        NodeId from = nodeId(frame.getFrom());
        NodeId to = nodeId(frame.getTo());
        requireTwoServers(from, to);
        long term = notNegative(frame.getTerm(), "term");
        return switch (frame.getMessageCase()) {
            case PRE_VOTE -> {
                PeerFrame.PreVote m = frame.getPreVote();
                checkCandidate(term, m.getLastLogIndex(), m.getLastLogTerm());
                yield new Message.PreVote(from, to, term, m.getLastLogIndex(), m.getLastLogTerm());
            }
            case PRE_VOTE_RESPONSE ->
                new Message.PreVoteResponse(
                        from, to, term, frame.getPreVoteResponse().getGranted());
            case REQUEST_VOTE -> {
                PeerFrame.RequestVote m = frame.getRequestVote();
                checkCandidate(term, m.getLastLogIndex(), m.getLastLogTerm());
                yield new Message.RequestVote(
                        from, to, term, m.getLastLogIndex(), m.getLastLogTerm(), m.getLeadershipTransfer());
            }
            case REQUEST_VOTE_RESPONSE ->
                new Message.RequestVoteResponse(
                        from, to, term, frame.getRequestVoteResponse().getGranted());
            case APPEND_ENTRIES -> appendEntries(from, to, term, frame.getAppendEntries());
            case APPEND_ENTRIES_ACCEPTED -> {
                PeerFrame.AppendEntriesAccepted m = frame.getAppendEntriesAccepted();
                yield new Message.AppendEntriesAccepted(
                        from,
                        to,
                        term,
                        notNegative(m.getMatchIndex(), "match index"),
                        notNegative(m.getRound(), "round"),
                        notNegative(m.getLoyaltyMillis(), "loyalty"));
            }
            case APPEND_ENTRIES_REJECTED -> {
                PeerFrame.AppendEntriesRejected m = frame.getAppendEntriesRejected();
                yield new Message.AppendEntriesRejected(
                        from,
                        to,
                        term,
                        notNegative(m.getPrevLogIndex(), "previous index"),
                        notNegative(m.getConflictTerm(), "conflict term"),
                        notNegative(m.getConflictIndex(), "conflict index"),
                        notNegative(m.getRound(), "round"),
                        notNegative(m.getLoyaltyMillis(), "loyalty"));
            }
            case TIMEOUT_NOW -> new Message.TimeoutNow(from, to, term);
            case INSTALL_SNAPSHOT -> installSnapshot(from, to, term, frame.getInstallSnapshot());
            case INSTALL_SNAPSHOT_RESPONSE -> {
                PeerFrame.InstallSnapshotResponse m = frame.getInstallSnapshotResponse();
                yield new Message.InstallSnapshotResponse(
                        from,
                        to,
                        term,
                        notNegative(m.getSnapshotIndex(), "snapshot index"),
                        notNegative(m.getNextOffset(), "offset"));
            }
            case READ_INDEX_REQUEST ->
                new Message.ReadIndexRequest(
                        from, to, term, frame.getReadIndexRequest().getRequestId());
            case READ_INDEX_RESPONSE -> {
                PeerFrame.ReadIndexResponse m = frame.getReadIndexResponse();
                yield new Message.ReadIndexResponse(
                        from, to, term, m.getRequestId(), notNegative(m.getIndex(), "read index"));
            }
            case KEEP_ALIVE, MESSAGE_NOT_SET -> throw new MalformedFrameException("a frame without a known message");
        };
    }

    private static Message appendEntries(NodeId from, NodeId to, long term, PeerFrame.AppendEntries m)
            throws MalformedFrameException {
        EntryChecks checks = new EntryChecks(term, m.getPrevLogIndex(), m.getPrevLogTerm());
        List<LogEntry> entries = new ArrayList<>(m.getEntriesCount());
        for (PeerFrame.Entry entry : m.getEntriesList()) {
            entries.add(checks.next(
                    entry.getIndex(),
                    entry.getTerm(),
                    entry.getTypeValue(),
                    entry.getTimeMillis(),
                    entry.getPayload().toByteArray()));
        }
        return appendEntries(
                from,
                to,
                term,
                m.getPrevLogIndex(),
                m.getPrevLogTerm(),
                entries,
                m.getLeaderCommit(),
                m.getMatchIndex(),
                m.getRound());
    }

    /** @param entries checked, as are the index and term before them */
    static Message.AppendEntries appendEntries(
            NodeId from,
            NodeId to,
            long term,
            long prevLogIndex,
            long prevLogTerm,
            List<LogEntry> entries,
            long leaderCommit,
            long matchIndex,
            long round)
            throws MalformedFrameException {
        requireTwoServers(from, to);
        return new Message.AppendEntries(
                from,
                to,
                notNegative(term, "term"),
                prevLogIndex,
                prevLogTerm,
                entries,
                notNegative(leaderCommit, "commit index"),
                notNegative(matchIndex, "match index"),
                notNegative(round, "round"));
    }

    private static void requireTwoServers(NodeId from, NodeId to) throws MalformedFrameException {
        require(!from.equals(to), "a server that sends to itself");
    }

    static void checkPayload(EntryType type, byte[] payload) throws MalformedFrameException {
        if (type == EntryType.CONFIGURATION) {
            configuration(payload);
        } else {
            require(
                    type == EntryType.COMMAND || payload.length == 0,
                    "a payload in an entry that has none by its type");
        }
    }

    /** A configuration that the core could not read must not get as far as the log. */
    private static Configuration configuration(byte[] bytes) throws MalformedFrameException {
        try {
            Configuration configuration = Configuration.decode(bytes);
            require(!configuration.isEmpty(), "a configuration without voters");
            return configuration;
        } catch (IllegalArgumentException e) {
            throw new MalformedFrameException("a configuration that is none", e);
        }
    }

    private static Message installSnapshot(NodeId from, NodeId to, long term, PeerFrame.InstallSnapshot m)
            throws MalformedFrameException {
        require(m.getIndex() > 0, "a snapshot of nothing");
        require(m.getIndexTerm() > 0 && m.getIndexTerm() <= term, "a snapshot whose term is out of order");
        long sizeBytes = m.getSizeBytes();
        require(sizeBytes > 0, "a snapshot without bytes");
        long offset = notNegative(m.getOffset(), "offset");
        require(offset <= sizeBytes - m.getData().size(), "a part beyond the end of its snapshot");
        SnapshotMetadata metadata = new SnapshotMetadata(
                m.getIndex(),
                m.getIndexTerm(),
                notNegative(m.getTimeMillis(), "time"),
                configuration(m.getConfiguration().toByteArray()));
        return new Message.InstallSnapshot(
                from,
                to,
                term,
                new SnapshotDescription(metadata, sizeBytes, m.getChecksum()),
                offset,
                m.getData().toByteArray(),
                m.getDataChecksum());
    }

    private static void checkCandidate(long term, long lastLogIndex, long lastLogTerm) throws MalformedFrameException {
        require(term > 0, "a candidate in term 0");
        notNegative(lastLogIndex, "last index");
        notNegative(lastLogTerm, "last term");
        require((lastLogIndex == 0) == (lastLogTerm == 0), "a last term that does not fit its index");
        require(lastLogTerm <= term, "a last term above that of the message");
    }

    static PeerFrame.Entry.Type toProto(EntryType type) {
        return switch (type) {
            case NO_OP -> PeerFrame.Entry.Type.NO_OP;
            case COMMAND -> PeerFrame.Entry.Type.COMMAND;
            case CLOCK -> PeerFrame.Entry.Type.CLOCK;
            case CONFIGURATION -> PeerFrame.Entry.Type.CONFIGURATION;
        };
    }

    static EntryType entryType(int number) throws MalformedFrameException {
        return switch (number) {
            case PeerFrame.Entry.Type.NO_OP_VALUE -> EntryType.NO_OP;
            case PeerFrame.Entry.Type.COMMAND_VALUE -> EntryType.COMMAND;
            case PeerFrame.Entry.Type.CLOCK_VALUE -> EntryType.CLOCK;
            case PeerFrame.Entry.Type.CONFIGURATION_VALUE -> EntryType.CONFIGURATION;
            default -> throw new MalformedFrameException("an entry of an unknown type");
        };
    }

    /** Without a copy: payloads are never modified. */
    static ByteString wrap(byte[] bytes) {
        return UnsafeByteOperations.unsafeWrap(bytes);
    }

    static NodeId nodeId(String value) throws MalformedFrameException {
        try {
            return new NodeId(value);
        } catch (IllegalArgumentException e) {
            throw new MalformedFrameException("a node id that is none", e);
        }
    }

    static long notNegative(long value, String what) throws MalformedFrameException {
        require(value >= 0, "a " + what + " beyond all bounds");
        return value;
    }

    static void require(boolean condition, String whatIsWrong) throws MalformedFrameException {
        if (!condition) {
            throw new MalformedFrameException(whatIsWrong);
        }
    }
}
