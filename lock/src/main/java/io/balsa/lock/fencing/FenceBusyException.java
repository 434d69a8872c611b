package io.balsa.lock.fencing;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** Others worked under the fence of a file for longer than was to be waited. Nothing was written; it may be tried again. */
public final class FenceBusyException extends IOException {
    private static final long serialVersionUID = 1L;

    FenceBusyException(Path lockFile, Duration wait, String holder) {
        super("the fence's file " + lockFile + " was held by " + holder + " for longer than " + wait.toMillis()
                + " ms; nothing was written, try later or wait longer");
    }
}
