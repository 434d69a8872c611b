package io.balsa.raft.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.StateMachine;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A list of words. Commands: {@code add W}, {@code once ID W} (added once for each ID), {@code alarm N} (adds "rang" N ms
 * of replicated time later), {@code crash}. Queries: {@code list}, {@code await N} (parked until there are N words), {@code
 * bad}.
 */
final class TestMachine implements StateMachine {
    private record Parked(int size, CompletableFuture<byte[]> reply) {}

    private final List<String> words = new CopyOnWriteArrayList<>();
    private final Map<EntryType, Integer> types = new ConcurrentHashMap<>();
    private final Map<String, byte[]> once = new HashMap<>();
    private final List<Parked> parked = new ArrayList<>();
    private volatile int parkedCount;
    private volatile long deadlineMillis = NO_DEADLINE;
    private final AtomicInteger restores = new AtomicInteger();
    private long appliedIndex;
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile Error crash;

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    List<String> words() {
        return List.copyOf(words);
    }

    /** How many entries of a type were applied. */
    int applied(EntryType type) {
        return types.getOrDefault(type, 0);
    }

    int parked() {
        return parkedCount;
    }

    /** From now on commands wait for {@link #openGate}. */
    void closeGate() {
        gate = new CountDownLatch(1);
    }

    void openGate() {
        gate.countDown();
    }

    void crashWith(Error error) {
        crash = error;
    }

    @Override
    public byte[] apply(LogEntry entry) {
        appliedIndex = entry.index();
        types.merge(entry.type(), 1, Integer::sum);
        if (entry.timeMillis() >= deadlineMillis) {
            deadlineMillis = NO_DEADLINE;
            words.add("rang");
        }
        byte[] result = entry.type() == EntryType.COMMAND
                ? execute(new String(entry.payload(), UTF_8).split(" ", -1), entry.timeMillis())
                : null;
        answerParked();
        return result;
    }

    private void answerParked() {
        for (Parked waiting : List.copyOf(parked)) {
            if (words.size() >= waiting.size) {
                waiting.reply.complete(list());
            }
        }
    }

    private byte[] execute(String[] command, long timeMillis) {
        try {
            gate.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
        if (crash != null) {
            throw crash;
        }
        switch (command[0]) {
            case "add" -> words.add(command[1]);
            case "once" -> {
                return once.computeIfAbsent(command[1], id -> {
                    words.add(command[2]);
                    return bytes(String.valueOf(words.size()));
                });
            }
            case "alarm" -> deadlineMillis = timeMillis + Long.parseLong(command[1]);
            default -> throw new IllegalArgumentException("no such command: " + command[0]);
        }
        return bytes(String.valueOf(words.size()));
    }

    @Override
    public void read(byte[] query, CompletableFuture<byte[]> reply) {
        String[] words = new String(query, UTF_8).split(" ", -1);
        switch (words[0]) {
            case "list" -> reply.complete(list());
            case "await" -> {
                if (this.words.size() >= Integer.parseInt(words[1])) {
                    reply.complete(list());
                    return;
                }
                Parked waiting = new Parked(Integer.parseInt(words[1]), reply);
                parked.add(waiting);
                parkedCount = parked.size();
                CompletableFuture<?> unused = reply.whenComplete((answer, failure) -> {
                    parked.remove(waiting);
                    parkedCount = parked.size();
                });
            }
            default -> throw new IllegalArgumentException("no such query: " + words[0]);
        }
    }

    private byte[] list() {
        return bytes(String.join(",", new ArrayList<>(words)));
    }

    @Override
    public long nextDeadlineMillis() {
        return deadlineMillis;
    }

    @Override
    public Snapshot cutSnapshot() {
        StringBuilder text = new StringBuilder(appliedIndex + "\n" + deadlineMillis + "\n");
        words.forEach(word -> text.append(word).append('\n'));
        return new Cut(appliedIndex, text.toString());
    }

    private record Cut(long index, String text) implements Snapshot {
        @Override
        public void writeTo(OutputStream output) throws IOException {
            output.write(bytes(text));
        }

        @Override
        public void close() {
            // Nothing was opened.
        }
    }

    /** What was added "once" is forgotten: no test needs both. */
    @Override
    public void restore(InputStream input) throws IOException {
        List<String> lines = new String(input.readAllBytes(), UTF_8).lines().toList();
        appliedIndex = Long.parseLong(lines.get(0));
        deadlineMillis = Long.parseLong(lines.get(1));
        restores.incrementAndGet();
        words.clear();
        words.addAll(lines.subList(2, lines.size()));
        answerParked();
    }

    int restores() {
        return restores.get();
    }
}
