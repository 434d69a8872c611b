package io.balsa.raft.adapter;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.Message;
import io.balsa.raft.proto.PeerFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Writes and reads the one message of which there are very many, AppendEntries, without protobuf's objects in between: they
 * cost more than everything else that is done with an entry. The bytes are the same that the generated code writes; what it
 * might write otherwise (fields in another order, unknown ones), is left to it.
 */
final class AppendEntriesCodec {
    /** All numbers and tags that stand together have room in so many bytes. */
    private static final int NUMBERS_BYTES = 64;

    private AppendEntriesCodec() {}

    /** A message and the group that it is for. */
    record Addressed(String group, Message.AppendEntries message) {}

    // ---- writing ---------------------------------------------------------------------------------------------------

    /** The bytes of a {@link PeerFrame}. */
    static byte[] encode(String group, Message.AppendEntries message) {
        int bodySize = bodySize(message);
        byte[] bytes = new byte[size(group, message, bodySize)];
        write(PiecewiseOutput.of(bytes), group, message, bodySize);
        return bytes;
    }

    /** A frame with these bytes; whoever gets it must write or release it. */
    static ByteBuf frame(ByteBufAllocator allocator, String group, Message.AppendEntries message, Scratch scratch) {
        int bodySize = bodySize(message);
        int size = size(group, message, bodySize);
        return filled(
                allocator,
                FrameDecoder.LENGTH_BYTES + size,
                frame -> write(PiecewiseOutput.of(frame.writeInt(size), scratch), group, message, bodySize));
    }

    /** The same frame, with entries in it that others have too. Takes them. */
    static ByteBuf frame(
            ByteBufAllocator allocator,
            String group,
            Message.AppendEntries message,
            Scratch scratch,
            ByteBuf encodedEntries) {
        int before = sizeBeforeEntries(message);
        int after = sizeAfterEntries(message);
        int bodySize = before + encodedEntries.readableBytes() + after;
        int size = size(group, message, bodySize);
        CompositeByteBuf frame = allocator.compositeDirectBuffer(3);
        boolean whole = false;
        try {
            ByteBuf own = filled(
                    allocator,
                    FrameDecoder.LENGTH_BYTES + size - encodedEntries.readableBytes(),
                    buffer ->
                            writeAround(PiecewiseOutput.of(buffer.writeInt(size), scratch), group, message, bodySize));
            frame.addComponent(true, own.readRetainedSlice(own.readableBytes() - after))
                    .addComponent(true, encodedEntries.retain())
                    .addComponent(true, own);
            whole = true;
            return frame;
        } finally {
            encodedEntries.release();
            if (!whole) {
                frame.release();
            }
        }
    }

    private static void writeAround(PiecewiseOutput pieces, String group, Message.AppendEntries message, int bodySize) {
        try {
            writeBeforeEntries(pieces, group, message, bodySize);
            writeAfterEntries(pieces, message);
            pieces.finish();
        } catch (IOException e) {
            throw tooLarge(e);
        }
    }

    /** What stands in a message for entries; whoever gets it must write or release it. */
    static ByteBuf encode(ByteBufAllocator allocator, List<LogEntry> entries, Scratch scratch) {
        return filled(allocator, entriesSize(entries), buffer -> {
            try {
                PiecewiseOutput pieces = PiecewiseOutput.of(buffer, scratch);
                writeEntries(pieces, entries);
                pieces.finish();
            } catch (IOException e) {
                throw tooLarge(e);
            }
        });
    }

    private static ByteBuf filled(ByteBufAllocator allocator, int size, Consumer<ByteBuf> writer) {
        ByteBuf buffer = allocator.ioBuffer(size, size);
        boolean whole = false;
        try {
            writer.accept(buffer);
            if (buffer.isWritable()) {
                throw new IllegalStateException("a message that is smaller than it said");
            }
            whole = true;
            return buffer;
        } finally {
            if (!whole) {
                buffer.release();
            }
        }
    }

    private static int size(String group, Message.AppendEntries message, int bodySize) {
        return stringSize(PeerFrame.FROM_FIELD_NUMBER, message.from().value())
                + stringSize(PeerFrame.TO_FIELD_NUMBER, message.to().value())
                + numberSize(PeerFrame.TERM_FIELD_NUMBER, message.term())
                + stringSize(PeerFrame.GROUP_FIELD_NUMBER, group)
                + CodedOutputStream.computeTagSize(PeerFrame.APPEND_ENTRIES_FIELD_NUMBER)
                + CodedOutputStream.computeUInt32SizeNoTag(bodySize)
                + bodySize;
    }

    private static void write(PiecewiseOutput pieces, String group, Message.AppendEntries message, int bodySize) {
        try {
            writeBeforeEntries(pieces, group, message, bodySize);
            writeEntries(pieces, message.entries());
            writeAfterEntries(pieces, message);
            pieces.finish();
        } catch (IOException e) {
            throw tooLarge(e);
        }
    }

    private static UncheckedIOException tooLarge(IOException e) {
        return new UncheckedIOException("a message that is larger than it said", e);
    }

    private static void writeBeforeEntries(
            PiecewiseOutput pieces, String group, Message.AppendEntries message, int bodySize) throws IOException {
        CodedOutputStream output = pieces.withRoomFor(NUMBERS_BYTES
                + stringSize(PeerFrame.FROM_FIELD_NUMBER, message.from().value())
                + stringSize(PeerFrame.TO_FIELD_NUMBER, message.to().value())
                + stringSize(PeerFrame.GROUP_FIELD_NUMBER, group));
        writeString(output, PeerFrame.FROM_FIELD_NUMBER, message.from().value());
        writeString(output, PeerFrame.TO_FIELD_NUMBER, message.to().value());
        writeNumber(output, PeerFrame.TERM_FIELD_NUMBER, message.term());
        writeString(output, PeerFrame.GROUP_FIELD_NUMBER, group);
        output.writeTag(PeerFrame.APPEND_ENTRIES_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        output.writeUInt32NoTag(bodySize);
        writeNumber(output, PeerFrame.AppendEntries.PREV_LOG_INDEX_FIELD_NUMBER, message.prevLogIndex());
        writeNumber(output, PeerFrame.AppendEntries.PREV_LOG_TERM_FIELD_NUMBER, message.prevLogTerm());
    }

    private static void writeAfterEntries(PiecewiseOutput pieces, Message.AppendEntries message) throws IOException {
        CodedOutputStream output = pieces.withRoomFor(NUMBERS_BYTES);
        writeNumber(output, PeerFrame.AppendEntries.LEADER_COMMIT_FIELD_NUMBER, message.leaderCommit());
        writeNumber(output, PeerFrame.AppendEntries.MATCH_INDEX_FIELD_NUMBER, message.matchIndex());
        writeNumber(output, PeerFrame.AppendEntries.ROUND_FIELD_NUMBER, message.round());
    }

    private static int bodySize(Message.AppendEntries message) {
        return sizeBeforeEntries(message) + entriesSize(message.entries()) + sizeAfterEntries(message);
    }

    private static int sizeBeforeEntries(Message.AppendEntries message) {
        return numberSize(PeerFrame.AppendEntries.PREV_LOG_INDEX_FIELD_NUMBER, message.prevLogIndex())
                + numberSize(PeerFrame.AppendEntries.PREV_LOG_TERM_FIELD_NUMBER, message.prevLogTerm());
    }

    private static int sizeAfterEntries(Message.AppendEntries message) {
        return numberSize(PeerFrame.AppendEntries.LEADER_COMMIT_FIELD_NUMBER, message.leaderCommit())
                + numberSize(PeerFrame.AppendEntries.MATCH_INDEX_FIELD_NUMBER, message.matchIndex())
                + numberSize(PeerFrame.AppendEntries.ROUND_FIELD_NUMBER, message.round());
    }

    private static int entriesSize(List<LogEntry> entries) {
        int size = 0;
        for (int i = 0; i < entries.size(); i++) {
            int entrySize = entrySize(entries.get(i));
            size += CodedOutputStream.computeTagSize(PeerFrame.AppendEntries.ENTRIES_FIELD_NUMBER)
                    + CodedOutputStream.computeUInt32SizeNoTag(entrySize)
                    + entrySize;
        }
        return size;
    }

    private static int entrySize(LogEntry entry) {
        int payload = entry.payload().length;
        return numberSize(PeerFrame.Entry.INDEX_FIELD_NUMBER, entry.index())
                + numberSize(PeerFrame.Entry.TERM_FIELD_NUMBER, entry.term())
                + CodedOutputStream.computeEnumSize(
                        PeerFrame.Entry.TYPE_FIELD_NUMBER,
                        ProtobufCodec.toProto(entry.type()).getNumber())
                + numberSize(PeerFrame.Entry.TIME_MILLIS_FIELD_NUMBER, entry.timeMillis())
                + (payload == 0
                        ? 0
                        : CodedOutputStream.computeTagSize(PeerFrame.Entry.PAYLOAD_FIELD_NUMBER)
                                + CodedOutputStream.computeUInt32SizeNoTag(payload)
                                + payload);
    }

    private static void writeEntries(PiecewiseOutput pieces, List<LogEntry> entries) throws IOException {
        for (int i = 0; i < entries.size(); i++) {
            LogEntry entry = entries.get(i);
            int entrySize = entrySize(entry);
            CodedOutputStream output = pieces.withRoomFor(NUMBERS_BYTES + entrySize);
            output.writeTag(PeerFrame.AppendEntries.ENTRIES_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            output.writeUInt32NoTag(entrySize);
            writeEntry(output, entry);
        }
    }

    private static void writeEntry(CodedOutputStream output, LogEntry entry) throws IOException {
        writeNumber(output, PeerFrame.Entry.INDEX_FIELD_NUMBER, entry.index());
        writeNumber(output, PeerFrame.Entry.TERM_FIELD_NUMBER, entry.term());
        output.writeEnum(
                PeerFrame.Entry.TYPE_FIELD_NUMBER,
                ProtobufCodec.toProto(entry.type()).getNumber());
        writeNumber(output, PeerFrame.Entry.TIME_MILLIS_FIELD_NUMBER, entry.timeMillis());
        if (entry.payload().length > 0) {
            output.writeByteArray(PeerFrame.Entry.PAYLOAD_FIELD_NUMBER, entry.payload());
        }
    }

    // What has its default value is left out, as the generated code does it.

    private static int numberSize(int field, long value) {
        return value == 0 ? 0 : CodedOutputStream.computeUInt64Size(field, value);
    }

    private static void writeNumber(CodedOutputStream output, int field, long value) throws IOException {
        if (value != 0) {
            output.writeUInt64(field, value);
        }
    }

    private static int stringSize(int field, String value) {
        return value.isEmpty() ? 0 : CodedOutputStream.computeStringSize(field, value);
    }

    private static void writeString(CodedOutputStream output, int field, String value) throws IOException {
        if (!value.isEmpty()) {
            output.writeString(field, value);
        }
    }

    // ---- reading ---------------------------------------------------------------------------------------------------

    /**
     * Reads the bytes of a {@link PeerFrame}.
     *
     * @return null if they are not as {@link #encode} writes them: another message, or one for the generated code to judge
     */
    static Addressed decode(byte[] bytes) {
        return decode(Unpooled.wrappedBuffer(bytes), Scratch.ofThread());
    }

    /** Like {@link #decode(byte[])}, for what lies in a buffer of the network, which stays as it is. */
    static Addressed decode(ByteBuf frame, Scratch scratch) {
        try {
            return new Reader(frame, scratch).read();
        } catch (MalformedFrameException notOurs) {
            return null;
        }
    }

    /**
     * Fields come in the order of their numbers and, but for the entries, once: so none can overrule an earlier one. The bytes
     * pass piece by piece through an array that stays in the processor's cache, see {@link PiecewiseOutput}.
     */
    private static final class Reader {
        private static final int LENGTH_DELIMITED = WireFormat.WIRETYPE_LENGTH_DELIMITED;
        private static final int VARINT = WireFormat.WIRETYPE_VARINT;
        private static final int FROM = tag(PeerFrame.FROM_FIELD_NUMBER, LENGTH_DELIMITED);
        private static final int TO = tag(PeerFrame.TO_FIELD_NUMBER, LENGTH_DELIMITED);
        private static final int TERM = tag(PeerFrame.TERM_FIELD_NUMBER, VARINT);
        private static final int GROUP = tag(PeerFrame.GROUP_FIELD_NUMBER, LENGTH_DELIMITED);
        private static final int APPEND_ENTRIES = tag(PeerFrame.APPEND_ENTRIES_FIELD_NUMBER, LENGTH_DELIMITED);
        private static final int PREV_LOG_INDEX = tag(PeerFrame.AppendEntries.PREV_LOG_INDEX_FIELD_NUMBER, VARINT);
        private static final int PREV_LOG_TERM = tag(PeerFrame.AppendEntries.PREV_LOG_TERM_FIELD_NUMBER, VARINT);
        private static final int ENTRIES = tag(PeerFrame.AppendEntries.ENTRIES_FIELD_NUMBER, LENGTH_DELIMITED);
        private static final int LEADER_COMMIT = tag(PeerFrame.AppendEntries.LEADER_COMMIT_FIELD_NUMBER, VARINT);
        private static final int MATCH_INDEX = tag(PeerFrame.AppendEntries.MATCH_INDEX_FIELD_NUMBER, VARINT);
        private static final int ROUND = tag(PeerFrame.AppendEntries.ROUND_FIELD_NUMBER, VARINT);
        private static final int INDEX = tag(PeerFrame.Entry.INDEX_FIELD_NUMBER, VARINT);
        private static final int ENTRY_TERM = tag(PeerFrame.Entry.TERM_FIELD_NUMBER, VARINT);
        private static final int TYPE = tag(PeerFrame.Entry.TYPE_FIELD_NUMBER, VARINT);
        private static final int TIME_MILLIS = tag(PeerFrame.Entry.TIME_MILLIS_FIELD_NUMBER, VARINT);
        private static final int PAYLOAD = tag(PeerFrame.Entry.PAYLOAD_FIELD_NUMBER, LENGTH_DELIMITED);
        private static final int MAX_VARINT_BYTES = 10;
        private static final long NONE = 0;
        private static final byte[] EMPTY = new byte[0];

        private final ByteBuf frame;
        private final Scratch scratch;
        /** The piece of the frame that is being read, and the place of its end in the frame. */
        private byte[] bytes = EMPTY;

        private int pieceEnd;
        /** In the piece: what is read next, and the end of the entry that is being read, or else of the piece. */
        private int position;

        private int end;
        private long tag;

        Reader(ByteBuf frame, Scratch scratch) {
            this.frame = frame;
            this.scratch = scratch;
        }

        /** How many bytes of the frame were not read yet. */
        private int remaining() {
            return frame.readableBytes() - pieceEnd + end - position;
        }

        /** Makes sure that so many of the next bytes are in the piece, or all that remain. Only between entries. */
        private void require(int count) {
            int remaining = remaining();
            if (end - position >= count || end - position == remaining) {
                return;
            }
            int from = frame.readableBytes() - remaining;
            end = Math.min(remaining, Math.max(count, PiecewiseOutput.PIECE_BYTES));
            position = 0;
            pieceEnd = from + end;
            bytes = scratch.ofAtLeast(end);
            frame.getBytes(frame.readerIndex() + from, bytes, 0, end);
        }

        private static int tag(int field, int wireType) {
            return field << 3 | wireType;
        }

        Addressed read() throws MalformedFrameException {
            require(PiecewiseOutput.PIECE_BYTES);
            next();
            String from = text(FROM);
            String to = text(TO);
            long term = number(TERM);
            String group = text(GROUP);
            require(NUMBERS_BYTES);
            if (tag != APPEND_ENTRIES || varint() != remaining()) {
                return null;
            }
            next();
            long prevLogIndex = number(PREV_LOG_INDEX);
            long prevLogTerm = number(PREV_LOG_TERM);
            EntryChecks checks = new EntryChecks(term, prevLogIndex, prevLogTerm);
            List<LogEntry> entries = new ArrayList<>();
            while (tag == ENTRIES) {
                LogEntry entry = entry(checks);
                if (entry == null) {
                    return null;
                }
                entries.add(entry);
                require(NUMBERS_BYTES);
                next();
            }
            long leaderCommit = number(LEADER_COMMIT);
            long matchIndex = number(MATCH_INDEX);
            long round = number(ROUND);
            if (tag != NONE || remaining() > 0) {
                return null;
            }
            return new Addressed(
                    ProtobufCodec.checkGroup(group),
                    ProtobufCodec.appendEntries(
                            ProtobufCodec.nodeId(from),
                            ProtobufCodec.nodeId(to),
                            term,
                            prevLogIndex,
                            prevLogTerm,
                            entries,
                            leaderCommit,
                            matchIndex,
                            round));
        }

        /** Null if it is not as {@link #encode} writes it. */
        private LogEntry entry(EntryChecks checks) throws MalformedFrameException {
            long length = varint();
            if (length < 0 || length > remaining()) {
                throw beyondEnd();
            }
            require((int) length);
            int pieceLimit = end;
            end = position + (int) length;
            next();
            long index = number(INDEX);
            long term = number(ENTRY_TERM);
            int type = (int) number(TYPE);
            long timeMillis = number(TIME_MILLIS);
            byte[] payload = EMPTY;
            if (tag == PAYLOAD) {
                int payloadEnd = endOfNext();
                payload = Arrays.copyOfRange(bytes, position, payloadEnd);
                position = payloadEnd;
                next();
            }
            if (tag != NONE) {
                return null;
            }
            end = pieceLimit;
            return checks.next(index, term, type, timeMillis, payload);
        }

        private void next() throws MalformedFrameException {
            if (position == end) {
                tag = NONE;
                return;
            }
            tag = varint();
            if (tag == NONE) {
                throw new MalformedFrameException("a tag of no field");
            }
        }

        private String text(int wanted) throws MalformedFrameException {
            if (tag != wanted) {
                return "";
            }
            int textEnd = endOfNext();
            String text = utf8(position, textEnd);
            position = textEnd;
            next();
            return text;
        }

        private String utf8(int from, int to) throws MalformedFrameException {
            try {
                // Unlike a string's constructor, it does not take what is no UTF-8.
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes, from, to - from))
                        .toString();
            } catch (CharacterCodingException e) {
                throw new MalformedFrameException("a name that is not UTF-8", e);
            }
        }

        private long number(int wanted) throws MalformedFrameException {
            if (tag != wanted) {
                return 0;
            }
            long number = varint();
            next();
            return number;
        }

        /** Reads a length, and tells where what is so long ends. */
        private int endOfNext() throws MalformedFrameException {
            long length = varint();
            if (length < 0 || length > end - position) {
                throw beyondEnd();
            }
            return position + (int) length;
        }

        private static MalformedFrameException beyondEnd() {
            return new MalformedFrameException("a length beyond the end");
        }

        /**
         * Seven bits in each byte, the lowest first; the highest bit says that there are more. Ten bytes have room for more than 64 bits,
         * of which no writer makes use.
         */
        private long varint() throws MalformedFrameException {
            long value = 0;
            for (int i = 0; i < MAX_VARINT_BYTES && position < end; i++) {
                byte next = bytes[position++];
                value |= (next & 0x7FL) << (7 * i);
                if (next >= 0 && (i < MAX_VARINT_BYTES - 1 || next == 1)) {
                    return value;
                }
            }
            throw new MalformedFrameException("a number without end");
        }
    }
}
