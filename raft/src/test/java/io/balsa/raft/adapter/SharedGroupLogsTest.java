package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.Entries.entries;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.port.LogStorage;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The log of a group that shares its place with others, which write in between. */
class SharedGroupLogsTest extends LogStorageContract {
    /** Small, so that every test rolls from segment to segment. */
    private static final SegmentedLogStorage.Options SMALL =
            new SegmentedLogStorage.Options(16 << 10, 4096).findingEntries();

    private static final String STORE_ID = "00112233445566778899aabbccddeeff";
    private static final int OTHERS = 3;

    @TempDir
    Path directory;

    private SharedGroupLogs logs;
    private final LogStorage[] others = new LogStorage[OTHERS];

    @Override
    protected LogStorage create() {
        SegmentLogStorage.create(directory);
        return open();
    }

    private LogStorage open() {
        logs = SharedGroupLogs.open(
                SegmentLogStorage.open(directory, SMALL, Syncer.DISK), "test", STORE_ID, SMALL.segmentBytes());
        for (int i = 0; i < OTHERS; i++) {
            others[i] = logs.of("other" + i, STORE_ID);
        }
        return new Beside(logs.of("group", STORE_ID));
    }

    @Override
    protected LogStorage reopen(LogStorage opened) {
        opened.close();
        logs.close();
        LogStorage reopened = open();
        for (int i = 0; i < OTHERS; i++) {
            LogStorage other = others[i];
            if (other.lastIndex() >= other.firstIndex()) {
                assertThat(other.read(other.firstIndex(), other.lastIndex(), Long.MAX_VALUE))
                        .isEqualTo(entries(other.firstIndex(), (int) (other.lastIndex() - other.firstIndex() + 1), 7));
            }
        }
        return reopened;
    }

    /** Lets the others write, sync and compact whenever the one that is tested does. */
    private final class Beside implements LogStorageDecorator {
        private final LogStorage log;
        private int turn;

        Beside(LogStorage log) {
            this.log = log;
        }

        @Override
        public LogStorage log() {
            return log;
        }

        @Override
        public void beforeWrite() {
            turn++;
            for (int i = 0; i < OTHERS; i++) {
                LogStorage other = others[i];
                if (turn % (i + 2) == 0) {
                    other.append(entries(other.lastIndex() + 1, 1 + turn % 7, 7));
                }
                if (turn % (10 * i + 9) == 0) {
                    other.truncatePrefix(other.firstIndex() + (other.lastIndex() - other.firstIndex()) / 2);
                }
            }
            if (turn % 11 == 0) {
                logs.sync();
                logs.idle();
            }
        }

        @Override
        public void close() {
            log.close();
        }
    }
}
