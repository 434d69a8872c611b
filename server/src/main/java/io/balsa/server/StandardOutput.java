package io.balsa.server;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;

/** Passes on what is printed, and remembers whether that failed because nobody reads it any more. */
final class StandardOutput extends OutputStream {
    private final OutputStream target;
    private boolean unread;

    StandardOutput(OutputStream target) {
        this.target = target;
    }

    /** Whether it is a pipe whose reader has gone, as {@code head} goes when it has seen enough. */
    boolean isUnread() {
        return unread;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            target.write(bytes, offset, length);
        } catch (IOException failure) {
            // The JDK tells EPIPE from other errors by its text alone.
            unread |= String.valueOf(failure.getMessage())
                    .toLowerCase(Locale.ROOT)
                    .contains("broken pipe");
            throw failure;
        }
    }
}
