package io.balsa.raft.adapter;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Writes protobuf messages as frames that {@link FrameDecoder} cuts, and reads them. */
final class Frames {
    private static final int MAX_SHOWN_LENGTH = 200;
    private static final int MAX_SHOWN_TEXT_LENGTH = 1_000;

    private Frames() {}

    /** The frame of a message; whoever gets it must write or release it. */
    static ByteBuf encode(ByteBufAllocator allocator, MessageLite message) {
        int size = message.getSerializedSize();
        ByteBuf frame = allocator.ioBuffer(FrameDecoder.LENGTH_BYTES + size);
        boolean whole = false;
        try {
            frame.writeInt(size);
            CodedOutputStream output = CodedOutputStream.newInstance(frame.nioBuffer(FrameDecoder.LENGTH_BYTES, size));
            message.writeTo(output);
            output.flush();
            frame.writerIndex(FrameDecoder.LENGTH_BYTES + size);
            whole = true;
            return frame;
        } catch (IOException e) {
            throw new UncheckedIOException("a message that is larger than it said", e);
        } finally {
            if (!whole) {
                frame.release();
            }
        }
    }

    /** A frame whose content is the first bytes of an array; whoever gets it must write or release it. */
    static ByteBuf frame(ByteBufAllocator allocator, byte[] bytes, int size) {
        return allocator
                .ioBuffer(FrameDecoder.LENGTH_BYTES + size)
                .writeInt(size)
                .writeBytes(bytes, 0, size);
    }

    /** Parses the content of a frame, which stays the caller's. */
    static <T extends MessageLite> T decode(Parser<T> parser, ByteBuf frame) throws MalformedFrameException {
        return ProtobufCodec.parse(parser, ByteBufUtil.getBytes(frame));
    }

    /** What a handler threw, without Netty's wrapping. */
    static Throwable unwrap(Throwable failure) {
        return failure instanceof DecoderException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** A name from outside, fit for one line of a log. */
    static String printable(String name) {
        return printable(name, MAX_SHOWN_LENGTH);
    }

    /** The same for sentences from outside, of which the last says what to do. */
    static String printableText(String text) {
        return printable(text, MAX_SHOWN_TEXT_LENGTH);
    }

    private static String printable(String text, int maxLength) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < text.length() && i < maxLength; i++) {
            char c = text.charAt(i);
            shown.append(Character.isISOControl(c) ? '?' : c);
        }
        return text.length() > maxLength ? shown + "…" : shown.toString();
    }
}
