package io.balsa.raft.core;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The log as the core sees it: what the {@link LogReader} has, and over it the newest entries, some of which are not yet
 * durable. It knows how far the log is durable, committed and given out to be applied.
 *
 * <p>Its rules: persistedIndex and commitIndex are at most lastIndex; committed entries are never replaced; an append that
 * is reported durable counts only as far as no later append superseded it.
 */
final class RaftLog {
    private final LogReader reader;
    private final long maxCachedBytes;
    private final EntryWindow window;
    /** Appends that were handed out and are not yet durable, oldest first. */
    private final Deque<PendingAppend> pendingAppends = new ArrayDeque<>();
    /** Committed entries that were given out and are not yet applied, oldest first. */
    private final Deque<GivenOut> givenOut = new ArrayDeque<>();

    private long lastTerm;
    private long lastTimeMillis;
    private long appendSequence;
    private long handedOutIndex;
    private long persistedIndex;
    private long commitIndex;
    private long givenOutIndex;
    private long givenOutBytes;

    RaftLog(LogReader reader, long maxCachedBytes) {
        this.reader = reader;
        this.maxCachedBytes = maxCachedBytes;
        long last = reader.lastIndex();
        window = new EntryWindow(last + 1);
        handedOutIndex = last;
        persistedIndex = last;
        commitIndex = reader.firstIndex() - 1;
        givenOutIndex = commitIndex;
        if (last >= reader.firstIndex()) {
            LogEntry entry = reader.read(last, last, Long.MAX_VALUE).get(0);
            lastTerm = entry.term();
            lastTimeMillis = entry.timeMillis();
        }
    }

    long lastIndex() {
        return window.lastIndex();
    }

    long lastTerm() {
        return lastTerm;
    }

    /** The stamp of the last entry, 0 if there is none. */
    long lastTimeMillis() {
        return lastTimeMillis;
    }

    long persistedIndex() {
        return persistedIndex;
    }

    long commitIndex() {
        return commitIndex;
    }

    /** The term of the entry at an index, 0 for index 0. */
    long termAt(long index) {
        if (index == 0) {
            return 0;
        }
        if (index == lastIndex()) {
            return lastTerm;
        }
        return index >= window.firstIndex() ? window.get(index).term() : reader.termAt(index);
    }

    /** The size of an entry that is not yet committed, in bytes. */
    int sizeAt(long index) {
        return window.get(index).sizeInBytes();
    }

    /** Whether the log has this entry (the consistency check of section 5.3). */
    boolean contains(long index, long term) {
        return index <= lastIndex() && termAt(index) == term;
    }

    /** Whether a log that ends so is at least as up-to-date as this one (end of section 5.4.1). */
    boolean isUpToDate(long otherLastIndex, long otherLastTerm) {
        return otherLastTerm > lastTerm || (otherLastTerm == lastTerm && otherLastIndex >= lastIndex());
    }

    /**
     * The largest index, not above the one given, whose entry has at most this term: above it, no entry can agree with
     * that of another log which has {@code term} at {@code index}, for terms only grow along a log.
     *
     * @param floor not below this index, at which the logs are known to agree
     */
    long largestIndexWithTermAtMost(long index, long term, long floor) {
        long candidate = Math.min(index, lastIndex());
        while (candidate > floor && termAt(candidate) > term) {
            candidate--;
        }
        return candidate;
    }

    /** Consecutive entries from an index on, at least one. */
    List<LogEntry> entries(long fromIndex, long maxBytes) {
        if (fromIndex >= window.firstIndex()) {
            return window.slice(fromIndex, lastIndex(), maxBytes);
        }
        return reader.read(fromIndex, Math.min(lastIndex(), window.firstIndex() - 1), maxBytes);
    }

    /** Appends entries; they supersede everything at and above the index of the first. */
    void append(List<LogEntry> entries) {
        long first = entries.get(0).index();
        Invariant.check(first > commitIndex, "entry %d does not replace a committed one, up to %d", first, commitIndex);
        Invariant.check(first <= lastIndex() + 1, "entry %d leaves no gap after %d", first, lastIndex());
        if (first <= lastIndex()) {
            truncateFrom(first);
        }
        for (LogEntry entry : entries) {
            window.append(entry);
        }
        LogEntry last = entries.get(entries.size() - 1);
        lastTerm = last.term();
        lastTimeMillis = last.timeMillis();
    }

    private void truncateFrom(long index) {
        window.truncateFrom(index);
        persistedIndex = Math.min(persistedIndex, index - 1);
        handedOutIndex = Math.min(handedOutIndex, index - 1);
        // A report about an append that is now partly superseded must not make its successors count: the same entries
        // may
        // be appended again, and only that later append makes them durable again.
        for (PendingAppend append : pendingAppends) {
            append.lastIndex = Math.min(append.lastIndex, index - 1);
        }
    }

    boolean hasAppend() {
        return handedOutIndex < lastIndex();
    }

    /** The entries that were appended since the last call, to be made durable. */
    Optional<Ready.Append> takeAppend() {
        if (!hasAppend()) {
            return Optional.empty();
        }
        List<LogEntry> entries = window.slice(handedOutIndex + 1, lastIndex(), Long.MAX_VALUE);
        handedOutIndex = lastIndex();
        appendSequence++;
        pendingAppends.addLast(new PendingAppend(appendSequence, handedOutIndex));
        return Optional.of(new Ready.Append(appendSequence, entries));
    }

    /** Notes that all appends up to this one are durable. */
    void persisted(long sequence) {
        Invariant.check(sequence <= appendSequence, "append %d was handed out, up to %d", sequence, appendSequence);
        while (!pendingAppends.isEmpty() && pendingAppends.peekFirst().sequence <= sequence) {
            persistedIndex = Math.max(persistedIndex, pendingAppends.removeFirst().lastIndex);
        }
        evict();
    }

    /** Commits up to an index. */
    void commitTo(long index) {
        Invariant.check(index >= commitIndex, "commitIndex %d does not fall below %d", index, commitIndex);
        Invariant.check(index <= lastIndex(), "commitIndex %d is in the log that ends at %d", index, lastIndex());
        commitIndex = index;
    }

    boolean hasCommitted() {
        return givenOutIndex < commitIndex && givenOutBytes < maxCachedBytes;
    }

    /** Committed entries that were not given out before, as many as may wait for the state machine. */
    List<LogEntry> takeCommitted() {
        if (!hasCommitted()) {
            return List.of();
        }
        List<LogEntry> entries = entries(givenOutIndex + 1, maxCachedBytes - givenOutBytes);
        long last = entries.get(entries.size() - 1).index();
        if (last > commitIndex) {
            entries = entries.subList(0, (int) (commitIndex - givenOutIndex));
            last = commitIndex;
        }
        long bytes = 0;
        for (LogEntry entry : entries) {
            bytes += entry.sizeInBytes();
        }
        givenOut.addLast(new GivenOut(last, bytes));
        givenOutBytes += bytes;
        givenOutIndex = last;
        evict();
        return entries;
    }

    /** Notes that the state machine has applied up to an index. */
    void applied(long index) {
        Invariant.check(index <= givenOutIndex, "entry %d was given out to be applied, up to %d", index, givenOutIndex);
        while (!givenOut.isEmpty() && givenOut.peekFirst().lastIndex <= index) {
            givenOutBytes -= givenOut.removeFirst().bytes;
        }
    }

    private void evict() {
        long keepFrom = Math.min(persistedIndex, Math.min(commitIndex, givenOutIndex));
        while (window.bytes() > maxCachedBytes && window.firstIndex() <= keepFrom) {
            window.evictFirst();
        }
    }

    private static final class PendingAppend {
        private final long sequence;
        private long lastIndex;

        PendingAppend(long sequence, long lastIndex) {
            this.sequence = sequence;
            this.lastIndex = lastIndex;
        }
    }

    private record GivenOut(long lastIndex, long bytes) {}
}
