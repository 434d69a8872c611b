package io.balsa.lock.fencing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** The steps by which a fence changes files. Tests stop between them, as a crash or a power cut does. */
interface FenceDisk {
    /** The real one. */
    FenceDisk REAL = new FenceDisk() {};

    /**
     * Makes a file whose content is durable, though its name is not yet.
     *
     * @param file what a crash left there is replaced
     * @param like whose permissions it gets, if that is there: a secret stays one
     */
    default void create(Path file, byte[] content, Path like) throws IOException {
        Files.deleteIfExists(file);
        FileAttribute<?>[] onlyForOwner = {};
        Set<PosixFilePermission> permissions = null;
        if (Files.exists(like) && Files.getFileAttributeView(like, PosixFileAttributeView.class) != null) {
            permissions = Files.getPosixFilePermissions(like);
            onlyForOwner = new FileAttribute<?>[] {
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            };
        }
        Set<StandardOpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel channel = FileChannel.open(file, options, onlyForOwner)) {
            if (permissions != null) {
                // Not at creation, where the process's mask would take some away.
                Files.setPosixFilePermissions(file, permissions);
            }
            writeFully(channel, content, 0);
            channel.force(true);
        }
    }

    /** Gives a file the name of another, which it replaces, if that is there. Not durable before the directory is. */
    default void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Makes the names in a directory durable. */
    default void forceDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Adds to the end of a file, durably. When that fails, the file is cut to what it was, if that is possible. */
    default void append(Path file, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            long end = channel.size();
            try {
                writeFully(channel, bytes, end);
                channel.force(true);
            } catch (IOException e) {
                cut(channel, end, e);
                throw e;
            }
        }
    }

    /** Makes the content of a small file that is open, durably. */
    default void fill(FileChannel channel, byte[] content) throws IOException {
        writeFully(channel, content, 0);
        channel.force(true);
    }

    private static void writeFully(FileChannel channel, byte[] content, long position) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(content);
        while (rest.hasRemaining()) {
            channel.write(rest, position + rest.position());
        }
    }

    private static void cut(FileChannel channel, long end, IOException cause) {
        try {
            channel.truncate(end);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }
}
