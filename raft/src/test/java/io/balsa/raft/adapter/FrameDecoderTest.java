package io.balsa.raft.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class FrameDecoderTest {
    private static final int MAX_FRAME_BYTES = 1 << 20;
    private static final int READ_BYTES = 64 << 10;

    private final EmbeddedChannel channel = new EmbeddedChannel(decoder());
    private final List<ByteBuf> reads = new ArrayList<>();

    private static FrameDecoder decoder() {
        FrameDecoder decoder = new FrameDecoder();
        decoder.setMaxFrameBytes(MAX_FRAME_BYTES);
        return decoder;
    }

    /** As the network does it: into a buffer with more room than there is to read. */
    private void read(byte[] bytes, int from, int count) {
        ByteBuf read = Unpooled.directBuffer(READ_BYTES).writeBytes(bytes, from, count);
        reads.add(read);
        channel.writeInbound(read);
    }

    /** Pieces that are kept as they came, and pieces that are moved together, in any order. */
    @Test
    void framesComeOutHoweverTheyWereReadAndNothingIsLeft() {
        long seed = ThreadLocalRandom.current().nextLong();
        System.out.println("FrameDecoderTest: seed " + seed);
        Random random = new Random(seed);
        List<byte[]> sent = new ArrayList<>();
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        for (int i = 0; i < 60; i++) {
            byte[] content = new byte[random.nextInt(3) == 0 ? random.nextInt(300_000) : random.nextInt(300)];
            random.nextBytes(content);
            sent.add(content);
            stream.writeBytes(ByteBuffer.allocate(FrameDecoder.LENGTH_BYTES)
                    .putInt(content.length)
                    .array());
            stream.writeBytes(content);
        }
        byte[] bytes = stream.toByteArray();
        for (int at = 0; at < bytes.length; ) {
            int most = Math.min(READ_BYTES, bytes.length - at);
            int count = random.nextBoolean() ? most : 1 + random.nextInt(most);
            read(bytes, at, count);
            at += count;
        }
        for (byte[] expected : sent) {
            ByteBuf frame = channel.readInbound();
            assertThat(ByteBufUtil.getBytes(frame)).isEqualTo(expected);
            frame.release();
        }
        ByteBuf further = channel.readInbound();
        assertThat(further).isNull();
        channel.finishAndReleaseAll();
        assertThat(reads).allMatch(read -> read.refCnt() == 0);
    }

    /** Whoever sends few bytes at a time holds no more than about what was sent. */
    @Tag("case-84")
    @Test
    void buffersWithFewBytesInThemAreNotKept() {
        byte[] frame = ByteBuffer.allocate(100_000).putInt(99_996).array();
        for (int at = 0; at < 90_000; at += 100) {
            read(frame, at, 100);
        }
        assertThat(reads.stream().skip(1)).allMatch(read -> read.refCnt() == 0);
        channel.finishAndReleaseAll();
    }

    /** Nor does whoever sends many bytes and few in turns. */
    @Tag("case-84")
    @Test
    void piecesOfAllSizesInTurnsHoldAFewTimesWhatWasSent() {
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
        channel.config().setAllocator(allocator);
        int sent = 0;
        for (int i = 0; i < 25; i++) {
            for (int count : new int[] {16 << 10, 1}) {
                ByteBuf read = allocator.directBuffer(READ_BYTES);
                if (sent == 0) {
                    read.writeInt(MAX_FRAME_BYTES);
                }
                channel.writeInbound(read.writeZero(count));
                sent += count;
            }
        }
        long held = allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
        assertThat(held).isLessThan(6L * sent);
        assertThat(channel.inboundMessages()).isEmpty();
        channel.finishAndReleaseAll();
        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }
}
