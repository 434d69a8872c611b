package io.balsa.raft.adapter;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;

/**
 * Frames that leave together, as one buffer: what is done for each buffer and each write costs more than to fill in a small
 * frame. Not thread-safe; each thread has one, empty whenever nobody is filling it.
 */
final class FrameBatch {
    /** From here on it is worth a write of its own. */
    private static final int FULL_BYTES = 64 << 10;

    private static final int MIN_BYTES = 4 << 10;
    private static final FastThreadLocal<FrameBatch> OF_THREAD = new FastThreadLocal<>() {
        @Override
        protected FrameBatch initialValue() {
            return new FrameBatch();
        }
    };

    private byte[] bytes = new byte[MIN_BYTES];
    private int size;

    /** That of the calling thread. */
    static FrameBatch ofThread() {
        return OF_THREAD.get();
    }

    /** Adds a frame, whose content the caller writes: exactly so many bytes, before anything else is added. */
    CodedOutputStream add(int contentBytes) {
        int begin = size + FrameDecoder.LENGTH_BYTES;
        int end = Math.addExact(begin, contentBytes);
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(end, 2 * bytes.length));
        }
        for (int i = 0; i < FrameDecoder.LENGTH_BYTES; i++) {
            bytes[size + i] = (byte) (contentBytes >>> (Byte.SIZE * (FrameDecoder.LENGTH_BYTES - 1 - i)));
        }
        size = end;
        return CodedOutputStream.newInstance(bytes, begin, contentBytes);
    }

    void add(MessageLite message) {
        try {
            CodedOutputStream output = add(message.getSerializedSize());
            message.writeTo(output);
            output.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException("a message that is larger than it said", e);
        }
    }

    boolean isEmpty() {
        return size == 0;
    }

    boolean isFull() {
        return size >= FULL_BYTES;
    }

    /** A buffer with all frames, none of which is in it any more; whoever gets it must write or release it. */
    ByteBuf take(ByteBufAllocator allocator) {
        ByteBuf buffer = allocator.ioBuffer(size).writeBytes(bytes, 0, size);
        clear();
        return buffer;
    }

    /** Forgets what is in it, and what it does not usually need. */
    void clear() {
        size = 0;
        if (bytes.length > 2 * FULL_BYTES) {
            bytes = new byte[MIN_BYTES];
        }
    }
}
