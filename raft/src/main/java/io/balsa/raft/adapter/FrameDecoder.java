package io.balsa.raft.adapter;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/** Cuts the bytes of a connection into frames: four bytes of length, then as many bytes of content. */
final class FrameDecoder extends ByteToMessageDecoder {
    static final int LENGTH_BYTES = 4;

    private int maxFrameBytes;
    private boolean broken;

    /** Until {@link #setMaxFrameBytes}, only frames as small as a handshake pass. */
    FrameDecoder() {
        this.maxFrameBytes = Handshake.MAX_FRAME_BYTES;
    }

    /** Allows larger frames once it is known who speaks. Called on the event loop. */
    void setMaxFrameBytes(int maxFrameBytes) {
        this.maxFrameBytes = maxFrameBytes;
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
