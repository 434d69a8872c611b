package io.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/** Whatever is done to it, the window holds what a plain list would. */
class EntryWindowTest {
    private static final int STEPS = 20_000;

    @Test
    void holdsWhatAListWould() {
        long seed = Long.getLong("seed", ThreadLocalRandom.current().nextLong());
        System.out.println("holdsWhatAListWould: -Dseed=" + seed);
        Random random = new Random(seed);
        long firstIndex = 1L + random.nextInt(1000);
        EntryWindow window = new EntryWindow(firstIndex);
        List<LogEntry> model = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            int choice = random.nextInt(100);
            if (choice < 70) {
                LogEntry entry = new LogEntry(
                        firstIndex + model.size(), 1L + step, EntryType.COMMAND, step, new byte[random.nextInt(50)]);
                window.append(entry);
                model.add(entry);
            } else if (choice < 95 && !model.isEmpty()) {
                window.evictFirst();
                model.remove(0);
                firstIndex++;
            } else if (choice < 98 && !model.isEmpty()) {
                int kept = random.nextInt(model.size());
                window.truncateFrom(firstIndex + kept);
                model.subList(kept, model.size()).clear();
            } else if (model.isEmpty()) {
                firstIndex = Math.max(1, firstIndex - random.nextInt(3));
                window.truncateFrom(firstIndex);
            }
            check(window, firstIndex, model, random);
        }
    }

    private static void check(EntryWindow window, long firstIndex, List<LogEntry> model, Random random) {
        assertThat(window.firstIndex()).isEqualTo(firstIndex);
        assertThat(window.lastIndex()).isEqualTo(firstIndex + model.size() - 1);
        assertThat(window.bytes()).isEqualTo(bytesOf(model));
        if (model.isEmpty()) {
            return;
        }
        int from = random.nextInt(model.size());
        int to = from + random.nextInt(model.size() - from);
        long maxBytes = random.nextBoolean() ? Long.MAX_VALUE : random.nextInt(2_000);
        List<LogEntry> expected = new ArrayList<>(List.of(model.get(from)));
        while (from + expected.size() <= to
                && bytesOf(expected) + model.get(from + expected.size()).sizeInBytes() <= maxBytes) {
            expected.add(model.get(from + expected.size()));
        }
        List<LogEntry> slice = window.slice(firstIndex + from, firstIndex + to, maxBytes);
        assertThat(slice).isEqualTo(expected);
        assertThat(Entries.sizeOf(slice)).isEqualTo(bytesOf(expected));
    }

    private static long bytesOf(List<LogEntry> entries) {
        return entries.stream().mapToLong(LogEntry::sizeInBytes).sum();
    }
}
