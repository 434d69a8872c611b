package io.balsa.bench.parts;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Batches in a plain file, over and over. */
final class PlainFileBatches implements BatchWriter {
    private static final int FILE_BYTES = 32 << 20;
    /** What the log adds to each entry: index, term, time, lengths and checksum. */
    private static final int ENTRY_OVERHEAD_BYTES = 33;

    private final FileChannel channel;
    private final ByteBuffer batch;
    private long position;

    private PlainFileBatches(FileChannel channel, int bytes) {
        this.channel = channel;
        this.batch = ByteBuffer.allocateDirect(bytes);
    }

    static PlainFileBatches open(Path file, int entries, int payloadBytes) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        channel.write(ByteBuffer.allocateDirect(FILE_BYTES), 0);
        channel.force(true);
        return new PlainFileBatches(channel, entries * (payloadBytes + ENTRY_OVERHEAD_BYTES));
    }

    @Override
    public void writeBatch() throws IOException {
        if (position + batch.capacity() > FILE_BYTES) {
            position = 0;
        }
        channel.write(batch.clear(), position);
        channel.force(false);
        position += batch.capacity();
    }

    @Override
    public void tidyUp() {
        // The file does not grow.
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
