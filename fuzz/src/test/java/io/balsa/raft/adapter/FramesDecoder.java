package io.balsa.raft.adapter;

import io.balsa.fuzz.Check;
import io.balsa.fuzz.Choices;
import io.balsa.fuzz.Decoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Frames, however the network cuts them up: those up to the first that is too long come out, and nothing after it. */
public final class FramesDecoder implements Decoder {
    private static final int MAX_FRAME_BYTES = 100;

    @Override
    public void decode(byte[] input) {
        Choices choices = new Choices(input);
        int pieceBytes = 1 + choices.below(64);
        byte[] stream = choices.rest();
        FrameDecoder decoder = new FrameDecoder();
        decoder.setMaxFrameBytes(MAX_FRAME_BYTES);
        EmbeddedChannel channel = new EmbeddedChannel(decoder);
        boolean failed = false;
        for (int start = 0; start < stream.length; start += pieceBytes) {
            try {
                channel.writeInbound(
                        Unpooled.wrappedBuffer(stream, start, Math.min(pieceBytes, stream.length - start)));
            } catch (DecoderException e) {
                Check.that(!failed && e.getCause() instanceof MalformedFrameException, "not one refusal, but " + e);
                failed = true;
            }
        }
        byte[] cut = contents(channel);
        List<byte[]> expected = new ArrayList<>();
        Check.that(failed == !cut(ByteBuffer.wrap(stream), expected), "a frame that is too long is refused");
        Check.same(joined(expected), cut, "the frames");
        channel.finishAndReleaseAll();
    }

    private static byte[] contents(EmbeddedChannel channel) {
        ByteArrayOutputStream contents = new ByteArrayOutputStream();
        for (ByteBuf frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
            contents.write(frame.readableBytes());
            contents.writeBytes(ByteBufUtil.getBytes(frame));
            frame.release();
        }
        return contents.toByteArray();
    }

    /** The plain way: all the bytes at once. Returns whether no frame is too long. */
    private static boolean cut(ByteBuffer stream, List<byte[]> frames) {
        while (stream.remaining() >= FrameDecoder.LENGTH_BYTES) {
            int length = stream.getInt();
            if (length < 0 || length > MAX_FRAME_BYTES) {
                return false;
            }
            if (length > stream.remaining()) {
                return true;
            }
            byte[] frame = new byte[length];
            stream.get(frame);
            frames.add(frame);
        }
        return true;
    }

    private static byte[] joined(List<byte[]> frames) {
        ByteArrayOutputStream contents = new ByteArrayOutputStream();
        for (byte[] frame : frames) {
            contents.write(frame.length);
            contents.writeBytes(frame);
        }
        return contents.toByteArray();
    }

    @Override
    public List<byte[]> seeds() {
        return List.of(
                new byte[] {0},
                new byte[] {63, 0, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3},
                new byte[] {0, 0, 0, 0, 1, 7, 0, 0, 0, MAX_FRAME_BYTES},
                new byte[] {3, 0, 0, 0, 1, 7, 0, 0, 0, MAX_FRAME_BYTES + 1, 1, 2, 3},
                new byte[] {3, 0x7f, -1, -1, -1, 0, 0, 0, 0},
                new byte[] {3, -1, -1, -1, -1, 0, 0, 0, 0});
    }
}
