package io.balsa.server.demo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/**
 * A real file that holds a counter and the token of whoever wrote it last. Nothing but the distributed lock keeps two
 * writers from reading the same counter and losing an update.
 */
final class GuardedCounter implements AutoCloseable {
    private static final int MAX_BYTES = 64;

    private final FileChannel channel;

    private GuardedCounter(FileChannel channel) {
        this.channel = channel;
    }

    /** Makes the file, with a counter of zero. */
    static void create(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(encode(new Content(0, 0)));
        }
    }

    /** Opens the file; every worker has its own. */
    static GuardedCounter open(Path file) throws IOException {
        return new GuardedCounter(FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    Content read() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(MAX_BYTES);
        channel.read(buffer, 0);
        String[] parts = new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII)
                .trim()
                .split(" ", -1);
        return new Content(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
    }

    void write(Content content) throws IOException {
        channel.write(encode(content), 0);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** Always of the same length, so that a write replaces all that was there. */
    private static ByteBuffer encode(Content content) {
        return ByteBuffer.wrap(String.format(Locale.ROOT, "%020d %020d%n", content.counter, content.token)
                .getBytes(StandardCharsets.US_ASCII));
    }

    /** What is in the file. */
    record Content(long counter, long token) {}
}
