package io.balsa.lock.fencing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A disk that dies at a given step, after having done half of it where there is a half. What a power cut leaves is known:
 * files under the names that their directory had when it was last made durable.
 */
final class CrashingDisk implements FenceDisk {
    /** Everything ends here. */
    static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Crash(String step) {
            super(step);
        }
    }

    final List<String> steps = new ArrayList<>();
    private final Path directory;
    private final int lastStep;
    private Map<String, byte[]> durable;

    /** @param lastStep which of its steps it fails in, from 0 */
    CrashingDisk(Path directory, int lastStep) {
        this.directory = directory;
        this.lastStep = lastStep;
        durable = content();
    }

    private Map<String, byte[]> content() {
        Map<String, byte[]> content = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                content.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return content;
    }

    /** Puts the directory into the state that survives when the power goes off. */
    void cutPower() throws IOException {
        for (String name : content().keySet()) {
            Files.delete(directory.resolve(name));
        }
        for (Map.Entry<String, byte[]> file : durable.entrySet()) {
            Files.write(directory.resolve(file.getKey()), file.getValue());
        }
    }

    private boolean dies(String step) {
        steps.add(step);
        return steps.size() > lastStep;
    }

    private static byte[] half(byte[] bytes) {
        return Arrays.copyOf(bytes, bytes.length / 2);
    }

    /** The content of a file that already has a durable name is durable too. */
    private void forced(Path file) throws IOException {
        durable.computeIfPresent(file.getFileName().toString(), (name, old) -> {
            try {
                return Files.readAllBytes(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @Override
    public void create(Path file, byte[] content, Path like) throws IOException {
        String step = "create " + file.getFileName();
        if (dies(step)) {
            FenceDisk.super.create(file, half(content), like);
            throw new Crash(step);
        }
        FenceDisk.super.create(file, content, like);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        String step = "rename to " + to.getFileName();
        if (dies(step)) {
            throw new Crash(step);
        }
        FenceDisk.super.rename(from, to);
    }

    @Override
    public void forceDirectory(Path forced) throws IOException {
        if (dies("force directory")) {
            throw new Crash("force directory");
        }
        FenceDisk.super.forceDirectory(forced);
        durable = content();
    }

    @Override
    public void append(Path file, byte[] bytes) throws IOException {
        String step = "append to " + file.getFileName();
        if (dies(step)) {
            FenceDisk.super.append(file, half(bytes));
            throw new Crash(step);
        }
        FenceDisk.super.append(file, bytes);
        forced(file);
    }

    @Override
    public void fill(FileChannel channel, byte[] content) throws IOException {
        if (dies("fill lock file")) {
            throw new Crash("fill lock file");
        }
        FenceDisk.super.fill(channel, content);
    }
}
