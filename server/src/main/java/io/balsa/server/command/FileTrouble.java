package io.balsa.server.command;

import java.io.IOException;
import java.nio.file.FileSystemException;

/** Says in few words why a file cannot be read or written; whoever asks has named the file. */
final class FileTrouble {
    private FileTrouble() {}

    static String reasonOf(IOException e) {
        if (e instanceof FileSystemException failure && failure.getReason() != null) {
            return failure.getReason();
        }
        return e instanceof FileSystemException || e.getMessage() == null
                ? e.getClass().getSimpleName()
                : e.getMessage();
    }
}
