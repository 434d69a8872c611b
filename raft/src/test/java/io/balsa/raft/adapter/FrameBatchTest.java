package io.balsa.raft.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedOutputStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

class FrameBatchTest {
    private final FrameBatch batch = new FrameBatch();

    private void add(byte[] content) throws IOException {
        CodedOutputStream output = batch.add(content.length);
        output.writeRawBytes(content);
        output.checkNoSpaceLeft();
    }

    private List<byte[]> cut(ByteBuf frames) {
        FrameDecoder decoder = new FrameDecoder();
        decoder.setMaxFrameBytes(1 << 20);
        EmbeddedChannel channel = new EmbeddedChannel(decoder);
        channel.writeInbound(frames);
        List<byte[]> contents = new ArrayList<>();
        for (ByteBuf frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
            byte[] content = new byte[frame.readableBytes()];
            frame.readBytes(content);
            frame.release();
            contents.add(content);
        }
        channel.finishAndReleaseAll();
        return contents;
    }

    @Test
    void whatIsGatheredComesOutFrameByFrameWhateverWasInItBefore() throws Exception {
        long seed = ThreadLocalRandom.current().nextLong();
        System.out.println("FrameBatchTest: seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            List<byte[]> contents = new ArrayList<>();
            while (!batch.isFull() && random.nextInt(30) > 0) {
                byte[] content = new byte[random.nextInt(1 << random.nextInt(18))];
                random.nextBytes(content);
                add(content);
                contents.add(content);
            }
            assertThat(batch.isEmpty()).isEqualTo(contents.isEmpty());
            assertThat(cut(batch.take(UnpooledByteBufAllocator.DEFAULT)))
                    .as("seed %d", seed)
                    .usingElementComparator(Arrays::compare)
                    .containsExactlyElementsOf(contents);
            assertThat(batch.isEmpty()).isTrue();
        }
    }

    @Test
    void whatIsForgottenDoesNotComeOut() throws Exception {
        add(new byte[] {1});
        batch.clear();
        add(new byte[] {2});
        assertThat(cut(batch.take(UnpooledByteBufAllocator.DEFAULT))).containsExactly(new byte[] {2});
    }
}
