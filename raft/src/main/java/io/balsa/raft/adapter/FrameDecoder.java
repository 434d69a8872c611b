package io.balsa.raft.adapter;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/** Cuts the bytes of a connection into frames: four bytes of length, then as many bytes of content. */
final class FrameDecoder extends ByteToMessageDecoder {
    static final int LENGTH_BYTES = 4;

    /** A piece of a frame that has so many bytes is kept as it came; smaller ones are moved together. */
    private static final int KEPT_BYTES = 16 << 10;

    private int maxFrameBytes;
    private boolean broken;

    /** Until {@link #setMaxFrameBytes}, only frames as small as a handshake pass. */
    FrameDecoder() {
        this.maxFrameBytes = Handshake.MAX_FRAME_BYTES;
        setCumulator(FrameDecoder::gather);
    }

    /** Allows larger frames once it is known who speaks. Called on the event loop. */
    void setMaxFrameBytes(int maxFrameBytes) {
        this.maxFrameBytes = maxFrameBytes;
    }

    /**
     * Adds what has come to what is there of a frame. Copies are spared where there is much to copy; but a buffer that was read
     * with few bytes in it is copied, or somebody who sends a byte at a time would hold many times what was sent.
     */
    private static ByteBuf gather(ByteBufAllocator allocator, ByteBuf gathered, ByteBuf read) {
        int bytes = read.readableBytes();
        if (bytes >= KEPT_BYTES && bytes >= read.capacity() / 4) {
            return COMPOSITE_CUMULATOR.cumulate(allocator, gathered, read);
        }
        if (gathered instanceof CompositeByteBuf pieces && pieces.writableBytes() < bytes) {
            // By itself it would double, up to megabytes, which the next large piece would hide but not free.
            pieces.capacity(pieces.writerIndex() + Math.max(KEPT_BYTES, bytes));
        }
        return MERGE_CUMULATOR.cumulate(allocator, gathered, read);
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf input, List<Object> frames)
            throws MalformedFrameException {
        if (broken) {
            input.skipBytes(input.readableBytes());
            return;
        }
        if (input.readableBytes() < LENGTH_BYTES) {
            return;
        }
        int length = input.getInt(input.readerIndex());
        // Judged before anything is allocated for it; until then only what did arrive is held (case 84).
        if (length < 0 || length > maxFrameBytes) {
            broken = true;
            throw new MalformedFrameException("a frame of " + Integer.toUnsignedLong(length) + " bytes, where at most "
                    + maxFrameBytes + " are allowed");
        }
        if (input.readableBytes() >= LENGTH_BYTES + length) {
            input.skipBytes(LENGTH_BYTES);
            frames.add(input.readRetainedSlice(length));
        }
    }
}
