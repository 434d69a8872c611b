package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.Entries.entries;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.LogStorage;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The logs of many groups after power cuts: all of them are as they were at one moment, not before the last sync. */
class SharedGroupLogsCrashTest {
    private static final SegmentedLogStorage.Options SMALL =
            new SegmentedLogStorage.Options(16 << 10, 4096).findingEntries();
    private static final double[] WRITTEN = {0, 1, 0.5, 0.9};
    private static final String STORE_ID = "00112233445566778899aabbccddeeff";
    private static final List<String> GROUPS = List.of("busy", "resting", "rare");

    @TempDir
    Path temporary;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    /** What a group has. */
    private record Content(long firstIndex, List<LogEntry> entries) {
        long lastIndex() {
            return firstIndex + entries.size() - 1;
        }

        Content with(List<LogEntry> batch) {
            List<LogEntry> more =
                    new ArrayList<>(entries.subList(0, (int) (batch.get(0).index() - firstIndex)));
            more.addAll(batch);
            return new Content(firstIndex, more);
        }

        Content from(long index) {
            return new Content(index, List.copyOf(entries.subList((int) (index - firstIndex), entries.size())));
        }
    }

    /** What there may be after a power cut now: what was there at the last sync, or after anything that came since. */
    private final List<Map<String, Content>> allowed = new ArrayList<>();

    private final Map<String, LogStorage> open = new TreeMap<>();
    private SharedGroupLogs logs;
    private long term;
    private int cuts;
    private int steps;

    private Path directory() {
        return temporary.resolve("log");
    }

    private static SharedGroupLogs open(Path path, Syncer syncer) {
        return SharedGroupLogs.open(
                SegmentLogStorage.open(path, SMALL, syncer), path.toString(), STORE_ID, SMALL.segmentBytes());
    }

    private void openAll(Path path, Syncer syncer) {
        logs = open(path, syncer);
        open.clear();
        GROUPS.forEach(group -> open.put(group, logs.of(group, STORE_ID)));
        allowed.clear();
        allowed.add(contentOf(open));
    }

    @AfterEach
    void close() {
        if (logs != null) {
            logs.close();
        }
    }

    private static Map<String, Content> contentOf(Map<String, LogStorage> logs) {
        Map<String, Content> content = new TreeMap<>();
        logs.forEach((group, log) -> content.put(
                group,
                new Content(
                        log.firstIndex(),
                        log.lastIndex() < log.firstIndex()
                                ? List.of()
                                : log.read(log.firstIndex(), log.lastIndex(), Long.MAX_VALUE))));
        return content;
    }

    private static Map<String, Content> contentOf(Path path) {
        try (SharedGroupLogs recovered = open(path, Syncer.DISK)) {
            Map<String, LogStorage> each = new TreeMap<>();
            GROUPS.forEach(group -> each.put(group, recovered.of(group, STORE_ID)));
            return contentOf(each);
        }
    }

    private Content now(String group) {
        return allowed.get(allowed.size() - 1).get(group);
    }

    /** From now on this may be there. */
    private void allow(String group, Content content) {
        Map<String, Content> next = new TreeMap<>(allowed.get(allowed.size() - 1));
        next.put(group, content);
        allowed.add(next);
    }

    private void synced() {
        allowed.subList(0, allowed.size() - 1).clear();
    }

    private void doAnything() {
        steps++;
        String group = GROUPS.get(random.nextInt(GROUPS.size()));
        switch (random.nextInt(12)) {
            case 0, 1 -> logs.idle();
            case 2, 3 -> {
                open.get(group).sync();
                logs.sync();
                synced();
            }
            case 4 -> {
                Content content = now(group);
                if (group.equals("busy") || random.nextInt(8) == 0) {
                    long first = content.firstIndex + random.nextInt(content.entries.size() + 1);
                    allow(group, content.from(first));
                    open.get(group).truncatePrefix(first);
                }
            }
            case 5 -> {
                if (random.nextInt(8) == 0) {
                    long first = 1L + random.nextInt(1000);
                    allow(group, new Content(first, List.of()));
                    open.get(group).reset(first);
                    synced();
                }
            }
            default -> append(group.equals("busy") || random.nextInt(20) == 0 ? group : "busy");
        }
    }

    private void append(String group) {
        Content content = now(group);
        boolean supersedes = random.nextInt(8) == 0;
        long from =
                supersedes ? content.firstIndex + random.nextInt(content.entries.size() + 1) : content.lastIndex() + 1;
        List<LogEntry> batch = entries(from, 1 + random.nextInt(40), ++term);
        allow(group, content.with(batch));
        open.get(group).append(batch);
    }

    private void cutPowerAndCheck(LogImages images) {
        try {
            Path image = temporary.resolve("image-" + cuts++);
            images.powerCut(directory(), image, random, WRITTEN[random.nextInt(WRITTEN.length)]);
            Map<String, Content> recovered = contentOf(image);
            assertThat(allowed)
                    .as("seed %d, power cut %d, step %d", seed, cuts, steps)
                    .contains(recovered);
            assertThat(contentOf(image)).isEqualTo(recovered);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @Tag("case-27")
    @Tag("case-29")
    @Tag("case-36")
    void aPowerCutAtAnyMomentLeavesAllGroupsAsTheyWereAtOneMoment() {
        LogImages images = new LogImages();
        SegmentLogStorage.create(directory(), images);
        openAll(directory(), images);
        images.beforeForce(() -> {
            if (random.nextInt(3) == 0) {
                cutPowerAndCheck(images);
            }
        });
        for (int step = 0; step < 600; step++) {
            doAnything();
            if (random.nextInt(8) == 0) {
                cutPowerAndCheck(images);
            }
        }
        assertThat(contentOf(open)).as("seed %d", seed).isEqualTo(allowed.get(allowed.size() - 1));
        assertThat(DurableMark.peek(directory().resolve(SegmentFiles.MARK))
                        .base()
                        .segment())
                .as("the journal was compacted meanwhile, seed %d", seed)
                .isGreaterThan(1);
    }

    @Test
    @Tag("case-27")
    @Tag("case-40")
    void theLogsOutliveOnePowerCutAfterTheOther() throws IOException {
        Path image = directory();
        SegmentLogStorage.create(image);
        allowed.add(null);
        for (int life = 0; life < 60; life++) {
            List<Map<String, Content>> before = List.copyOf(allowed.subList(life == 0 ? 1 : 0, allowed.size()));
            LogImages disk = new LogImages();
            SegmentLogStorage log = SegmentLogStorage.open(image, SMALL, disk);
            disk.takeAllForDurable(image);
            logs = SharedGroupLogs.open(log, "test", STORE_ID, SMALL.segmentBytes());
            open.clear();
            GROUPS.forEach(group -> open.put(group, logs.of(group, STORE_ID)));
            Map<String, Content> recovered = contentOf(open);
            if (life > 0) {
                assertThat(before).as("seed %d, life %d", seed, life).contains(recovered);
            }
            allowed.clear();
            allowed.add(recovered);
            for (int step = random.nextInt(60); step > 0; step--) {
                doAnything();
            }
            Path next = temporary.resolve("life-" + life);
            disk.powerCut(image, next, random, WRITTEN[random.nextInt(WRITTEN.length)]);
            logs.close();
            image = next;
        }
    }

    /** Has a journal that must be compacted: most of it is nobody's, but a group that rests pins its beginning. */
    private void fillUntilCompactionIsDue(Path path) {
        SegmentLogStorage.create(path);
        openAll(path, Syncer.DISK);
        open.get("resting").append(entries(1, 200, 1));
        open.get("rare").append(entries(1, 10, 1));
        for (int batch = 0; batch < 60; batch++) {
            LogStorage busy = open.get("busy");
            busy.append(entries(busy.lastIndex() + 1, 40, 2));
            busy.sync();
        }
        LogStorage busy = open.get("busy");
        busy.truncatePrefix(busy.lastIndex() - 5);
        open.get("resting").append(entries(150, 30, 3));
        logs.sync();
        assertThat(logs.hasIdleWork()).isTrue();
    }

    @Test
    @Tag("case-35")
    @Tag("case-36")
    void aCompactionThatIsKilledAtEverySyncLeavesTheOldOrTheNew() throws IOException {
        fillUntilCompactionIsDue(directory());
        Map<String, Content> expected = contentOf(open);
        logs.close();
        int kills = 0;
        for (boolean finished = false; !finished; kills++) {
            Path copy = temporary.resolve("copy-" + kills);
            LogImages.copy(directory(), copy);
            finished = compactUnlessKilled(copy, kills);
            assertThat(contentOf(copy)).as("killed at sync %d", kills).isEqualTo(expected);
            // And it can be finished later.
            openAll(copy, Syncer.DISK);
            while (logs.hasIdleWork()) {
                logs.idle();
            }
            assertThat(contentOf(open)).isEqualTo(expected);
            logs.close();
            assertThat(contentOf(copy)).isEqualTo(expected);
            assertThat(DurableMark.peek(copy.resolve(SegmentFiles.MARK)).base().segment())
                    .isGreaterThan(5);
        }
        assertThat(kills).isGreaterThan(4);
    }

    /** @return whether it was not killed */
    private static boolean compactUnlessKilled(Path path, int syncs) {
        int[] untilKill = {Integer.MAX_VALUE};
        SharedGroupLogs compacted = open(path, (channel, file) -> {
            if (untilKill[0]-- <= 0) {
                throw new IOException("killed");
            }
            channel.force(false);
        });
        untilKill[0] = syncs;
        try {
            while (compacted.hasIdleWork()) {
                compacted.idle();
            }
            return true;
        } catch (StorageException e) {
            assertThat(e).hasMessageContaining("killed");
            return false;
        } finally {
            untilKill[0] = Integer.MAX_VALUE;
            compacted.close();
        }
    }
}
