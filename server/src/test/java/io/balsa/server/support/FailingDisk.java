package io.balsa.server.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Lets the syncs of one process fail or hang, from the moment on when it is made: {@code strace} tampers with them. */
public final class FailingDisk implements AutoCloseable {
    private static final String SYNCS = "fsync,fdatasync,msync,sync_file_range";
    private static final long HANG_MICROS = 600_000_000;

    private final Process tracer;
    private final Path trace;

    private FailingDisk(Process tracer, Path trace) {
        this.tracer = tracer;
        this.trace = trace;
    }

    /** Every sync of the process fails with EIO. */
    public static FailingDisk failSyncs(JarProcess process, Path directory) {
        return attach(process, directory, List.of(), "error=EIO");
    }

    /** Every sync of one file of the process fails with EIO. */
    public static FailingDisk failSyncsOf(Path file, JarProcess process, Path directory) {
        return failSyncsOf(List.of(file), process, directory);
    }

    /** Every sync of any of these files of the process, which need not be there yet, fails with EIO. */
    public static FailingDisk failSyncsOf(List<Path> files, JarProcess process, Path directory) {
        List<String> filter = new ArrayList<>();
        files.forEach(file -> filter.addAll(List.of("-P", file.toString())));
        return attach(process, directory, filter, "error=EIO");
    }

    /** No sync of the process returns while this is open. */
    public static FailingDisk hangSyncs(JarProcess process, Path directory) {
        return attach(process, directory, List.of(), "delay_enter=" + HANG_MICROS);
    }

    /**
     * What starts a process whose syncs of one file do nothing and say that they worked. It becomes the process, and the
     * tracer a stranger to it.
     *
     * @param wrapper what starts the process otherwise
     */
    public static List<String> lyingAbout(Path file, List<String> wrapper) {
        requireStrace();
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(List.of("strace", "-D", "-f", "-o", "/dev/null", "-P", file.toString()));
        command.addAll(List.of("-e", "trace=" + SYNCS, "-e", "inject=" + SYNCS + ":retval=0"));
        return command;
    }

    private static FailingDisk attach(JarProcess process, Path directory, List<String> filter, String tampering) {
        requireStrace();
        Path trace = directory.resolve("syncs-of-" + process.pid() + ".trace");
        Path messages = directory.resolve("strace-of-" + process.pid() + ".err");
        List<String> command = new ArrayList<>(List.of("strace", "-f", "-y", "-o", trace.toString()));
        command.addAll(filter);
        command.addAll(List.of(
                "-e", "trace=" + SYNCS, "-e", "inject=" + SYNCS + ":" + tampering, "-p", Long.toString(process.pid())));
        try {
            Process tracer = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(messages.toFile())
                    .start();
            // A process that is attached to can fail and end at once, and strace with it.
            await("strace is attached to " + process)
                    .atMost(JarProcess.PATIENCE)
                    .until(() -> !tracer.isAlive() || isAttached(messages));
            assertThat(isAttached(messages))
                    .as("strace is attached; it said %s", Files.readString(messages))
                    .isTrue();
            return new FailingDisk(tracer, trace);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isAttached(Path messages) throws IOException {
        return Files.readString(messages).contains(" attached");
    }

    private static void requireStrace() {
        Host.require(Host.has("strace"), "there is no strace");
        // Asked of a process that is no child of strace, as the nodes are none.
        Host.Result probe =
                Host.run(List.of("sh", "-c", "sleep 0.2 & strace -o /dev/null -e trace=none -e signal=none -p $!"));
        Host.require(probe.isSuccess(), "strace may not attach to processes here: " + probe.output());
    }

    /**
     * The files of the syncs that were tampered with, in their order: from lines like {@code 12 fdatasync(34</path>) = -1 EIO
     * (Input/output error) (INJECTED)}, or from two of them when another thread came between.
     */
    public List<String> files() {
        List<String> files = new ArrayList<>();
        Map<String, String> unfinished = new HashMap<>();
        for (String line : lines()) {
            String thread = line.substring(0, line.indexOf(' '));
            int from = line.indexOf('<');
            String file = from < 0 ? "" : line.substring(from + 1, line.indexOf('>', from));
            if (line.contains("<unfinished")) {
                unfinished.put(thread, file);
            } else if (line.contains("(INJECTED)") || line.contains("(DELAYED)")) {
                files.add(line.contains(" resumed>") ? unfinished.get(thread) : file);
            }
        }
        return files;
    }

    private List<String> lines() {
        try {
            return Files.readAllLines(trace);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The disk is well again; what hung goes on. */
    @Override
    public void close() {
        tracer.destroy();
        try {
            assertThat(tracer.waitFor(JarProcess.PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                    .as("strace ends")
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
