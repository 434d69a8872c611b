package io.balsa.raft.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.Ready;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When the writer gives the log time for what a sync left for later. */
class LogWriterTest {
    private final TestLog log = new TestLog();
    private long nowNanos = -5;
    private final LogWriter writer = new LogWriter(log, 1 << 20, () -> nowNanos, () -> {}, () -> {});
    private long sequence;

    private void write() {
        LogEntry entry = new LogEntry(log.lastIndex() + 1, 1, EntryType.COMMAND, 0, new byte[8]);
        writer.submit(new Ready.Append(++sequence, List.of(entry)));
        assertThat(writer.doWork()).isPositive();
    }

    private void pass(long millis) {
        nowNanos += TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Test
    void theLogGetsItsIdleTimeInThePauseAfterASync() {
        log.leaveIdleWork();
        write();
        assertThat(writer.idleNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(10));
        pass(9);
        // Woken for nothing.
        assertThat(writer.doWork()).isZero();
        assertThat(log.idles()).isZero();
        assertThat(writer.idleNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(1));
        pass(1);
        assertThat(writer.idleNanos()).isZero();
        assertThat(writer.doWork()).isPositive();
        assertThat(log.idles()).isEqualTo(1);
        assertThat(writer.doWork()).isZero();
        assertThat(writer.idleNanos()).isEqualTo(Long.MAX_VALUE);
        assertThat(log.idles()).isEqualTo(1);
    }

    @Test
    void entriesThatKeepComingPutItOffForATenthOfASecondOnly() {
        log.leaveIdleWork();
        for (int millis = 0; millis < 100; millis += 5) {
            write();
            assertThat(writer.doWork()).isZero();
            assertThat(log.idles()).isZero();
            pass(5);
        }
        assertThat(writer.doWork()).isPositive();
        assertThat(log.idles()).isEqualTo(1);
        write();
        assertThat(writer.idleNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(10));
    }

    @Test
    void aLogThatLeavesNothingForLaterIsLeftAlone() {
        write();
        assertThat(writer.idleNanos()).isEqualTo(Long.MAX_VALUE);
        pass(1_000);
        assertThat(writer.doWork()).isZero();
        assertThat(log.idles()).isZero();
    }
}
