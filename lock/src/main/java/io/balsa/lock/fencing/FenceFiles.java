package io.balsa.lock.fencing;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The files of one fence, which lie beside each other so that one rename moves any of them.
 *
 * @param content what is guarded
 * @param token keeps the newest token
 * @param lock what whoever works under the fence holds a lock on; never deleted, or two could hold one each
 * @param newToken becomes {@code token}
 * @param newContent becomes {@code content}
 */
record FenceFiles(Path content, Path token, Path lock, Path newToken, Path newContent) {
    private static final String TOKEN = ".fence";
    private static final String LOCK = ".lock";

    /** The files of a fence, the same ones by whatever links the path leads there: each content has one fence. */
    static FenceFiles of(Path path) throws IOException {
        Path content = resolve(path.toAbsolutePath());
        if (Files.isDirectory(content)) {
            throw new FileSystemException(path.toString(), null, "is a directory; only a file can be fenced");
        }
        String token = content.getFileName() + TOKEN;
        return new FenceFiles(
                content,
                content.resolveSibling(token),
                lockFileOf(content.resolveSibling(token)),
                content.resolveSibling(token + ".new"),
                content.resolveSibling(content.getFileName() + ".new"));
    }

    private static Path resolve(Path path) throws IOException {
        if (Files.exists(path)) {
            return path.toRealPath();
        }
        if (Files.isSymbolicLink(path)) {
            throw new NoSuchFileException(path.toString(), null, "is a link that leads nowhere, so it can't be fenced");
        }
        if (!Files.isDirectory(path.getParent())) {
            throw new NoSuchFileException(
                    path.toString(), null, "can't be fenced, since its directory does not exist; create it before");
        }
        return path.getParent().toRealPath().resolve(path.getFileName());
    }

    static Path lockFileOf(Path tokenFile) {
        return tokenFile.resolveSibling(tokenFile.getFileName() + LOCK);
    }

    Path directory() {
        return content.getParent();
    }
}
