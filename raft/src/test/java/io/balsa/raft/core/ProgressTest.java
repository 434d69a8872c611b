package io.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When entries go out while a message with others is under way. */
class ProgressTest {
    private static final long GATHERING_MILLIS = 1;
    private static final long MANY_BYTES = 8 << 10;

    private final Progress progress = new Progress(1, new Inflights(3, 1 << 20), GATHERING_MILLIS, 0);

    ProgressTest() {
        progress.accepted(0);
    }

    @Test
    void fewEntriesWaitForTheAnswerButNotForLong() {
        assertThat(progress.maySendEntries(1, 0)).as("nothing is under way").isTrue();
        progress.sent(1, 1, 0);
        assertThat(progress.maySendEntries(MANY_BYTES - 1, 0)).isFalse();
        assertThat(progress.millisUntilGathered(2, 0)).isEqualTo(GATHERING_MILLIS);
        assertThat(progress.maySendEntries(1, GATHERING_MILLIS)).isTrue();
        progress.accepted(1);
        assertThat(progress.maySendEntries(1, 0)).as("the answer is there").isTrue();
    }

    @Test
    void manyEntriesDoNotWaitUntilTooManyMessagesAreUnderWay() {
        for (int message = 1; message <= 3; message++) {
            assertThat(progress.maySendEntries(MANY_BYTES, 0)).isTrue();
            progress.sent(message, MANY_BYTES, 0);
        }
        assertThat(progress.maySendEntries(MANY_BYTES, 0)).isFalse();
    }
}
