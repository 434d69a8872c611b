package io.balsa.raft.adapter;

import java.io.IOException;

/**
 * Knows how far a log was synced, and moves the {@link DurableMark} there when that is due. Used by one thread.
 *
 * <p>A sync of the log is one sync of its segment. The mark follows when nothing else is to be done, at the beginning and
 * the end of each segment, so that none can be missing unnoticed, and at the latest after so many records or bytes. In
 * between, each record proves that those before it were durable which were so when it was written, so only what the very
 * last sync covered has no witness, and only until the mark follows.
 *
 * <p>So a crash in that time, about 10 ms in a log that then rests, together with damage to just that, looks like a torn tail,
 * which is cut. A disk that reports syncs and drops the last records all the same is recognised as far as the mark has come.
 * A mark that is part of each sync would see both, at the price of a second sync for each batch.
 */
final class SyncedTail {
    static final int MAX_UNMARKED_RECORDS = 1024;
    static final int MAX_UNMARKED_BYTES = 1 << 20;

    private final DurableMark mark;
    private int segment;
    private long position;
    private long number;
    private long unmarkedBytes;

    SyncedTail(DurableMark mark) {
        this.mark = mark;
        this.segment = mark.mark().segment();
        this.position = mark.mark().position();
        this.number = mark.mark().number();
    }

    /**
     * Takes up that the log was synced.
     *
     * @param newSegment the segment of the last record
     * @param newPosition the end of that record
     * @param newNumber the number of that record
     * @param bytes how many were written since the sync before
     */
    void synced(int newSegment, long newPosition, long newNumber, long bytes) {
        segment = newSegment;
        position = newPosition;
        number = newNumber;
        unmarkedBytes += bytes;
    }

    /** How far before a record the last one is that is durable; 0 where that is too far to be said. */
    int lagOf(long record) {
        long lag = record - number;
        return lag <= LogRecord.MAX_LAG ? (int) lag : 0;
    }

    /** Whether the mark lags. */
    boolean isAheadOfMark() {
        return number > mark.mark().number();
    }

    /** Whether the mark lags so far that it must not wait for a better moment. */
    boolean isFarAheadOfMark() {
        return segment != mark.mark().segment()
                || number - mark.mark().number() >= MAX_UNMARKED_RECORDS
                || unmarkedBytes >= MAX_UNMARKED_BYTES;
    }

    /** Moves the mark up to what was synced, if it lags. */
    void moveMark() throws IOException {
        if (isAheadOfMark()) {
            moveMark(mark.mark().base());
        }
    }

    /** Moves the mark, and the beginning of the log with it. */
    void moveMark(DurableMark.Base base) throws IOException {
        mark.move(base, segment, position, number);
        unmarkedBytes = 0;
    }
}
