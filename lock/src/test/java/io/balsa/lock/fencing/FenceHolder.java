package io.balsa.lock.fencing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Another process at the fence of a file. It works under the fence from its start to its first write. */
final class FenceHolder implements AutoCloseable {
    private static final String LOCKED = "locked";

    private final Process process;
    private final BufferedReader answers;

    private FenceHolder(Process process) {
        this.process = process;
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    }

    /** Returns when it works under the fence. */
    static FenceHolder start(Path file, long token) throws IOException {
        FenceHolder holder = new FenceHolder(java("hold", file.toString(), Long.toString(token)));
        String answer = holder.answers.readLine();
        if (!LOCKED.equals(answer)) {
            holder.close();
            throw new IOException("the other process answered " + answer);
        }
        return holder;
    }

    /** Whether a process of its own gets the lock on a file. */
    static boolean canLock(Path lockFile) throws IOException {
        try (FenceHolder probe = new FenceHolder(java("probe", lockFile.toString()))) {
            return LOCKED.equals(probe.answers.readLine());
        }
    }

    private static Process java(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                FenceHolder.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** Lets it write. */
    String write() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
        return answers.readLine();
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    /** The other process. */
    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, true, UTF_8);
        Path path = Path.of(arguments[1]);
        if (arguments[0].equals("probe")) {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE);
                    FileLock lock = channel.tryLock()) {
                out.println(lock == null ? "busy" : LOCKED);
            }
            return;
        }
        long token = Long.parseLong(arguments[2]);
        FileFence fence = FileFence.of(path);
        fence.guard(token, file -> {
            out.println(LOCKED);
            if (System.in.read() >= 0) {
                file.replace("by the other process".getBytes(UTF_8));
            }
            return null;
        });
        out.println("written");
        while (System.in.read() >= 0) {
            try {
                fence.write(token, "again by the other process".getBytes(UTF_8));
                out.println("written");
            } catch (StaleTokenException e) {
                out.println("refused by " + e.newestToken());
            }
        }
    }
}
