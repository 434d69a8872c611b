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
    private final ConfigurationHistory configurations;
    private EntryWindow window;
    /** Appends that were handed out and are not yet durable, oldest first. */
    private final Deque<PendingAppend> pendingAppends = new ArrayDeque<>();
    /** Committed entries that were given out and are not yet applied, oldest first. */
    private final Deque<GivenOut> givenOut = new ArrayDeque<>();

    /** What the log begins after, null if it begins at its first entry. */
    private SnapshotMetadata snapshot;
    /** The first entry that may be read; the storage is told to forget those before, and may do so at any time. */
    private long firstIndex;
    /**
     * The term of the entry just before the first, 0 if it is not known. A follower that has just installed an earlier snapshot
     * goes on from there.
     */
    private long baseTerm;

    private long compactBelow;
    private long lastTerm;
    private long lastTimeMillis;
    private long appendSequence;
    private long handedOutIndex;
    private long persistedIndex;
    private long commitIndex;
    private long givenOutIndex;
    private long givenOutBytes;

    RaftLog(LogReader reader, Optional<SnapshotMetadata> latestSnapshot, CoreOptions options) {
        this.reader = reader;
        maxCachedBytes = options.maxCachedBytes();
        snapshot = latestSnapshot.orElse(null);
        firstIndex = reader.firstIndex();
        baseTerm = snapshot != null && snapshotIndex() == firstIndex - 1 ? snapshot.term() : 0;
        long last = reader.lastIndex();
        Invariant.check(
                firstIndex <= snapshotIndex() + 1 && snapshotIndex() <= last,
                "a log has no gap after its snapshot at %d; it begins at %d",
                snapshotIndex(),
                firstIndex);
        Invariant.check(
                snapshot == null || snapshotIndex() < firstIndex || reader.termAt(snapshotIndex()) == snapshot.term(),
                "a log that goes on after its snapshot has the snapshot's last entry");
        window = new EntryWindow(last + 1);
        handedOutIndex = last;
        persistedIndex = last;
        commitIndex = snapshotIndex();
        givenOutIndex = commitIndex;
        configurations = new ConfigurationHistory(
                snapshotIndex(), snapshot == null ? options.initialConfiguration() : snapshot.configuration());
        for (LogEntry entry : reader.configurations()) {
            if (entry.index() > snapshotIndex()) {
                configurations.append(entry);
            }
        }
        if (last >= firstIndex) {
            LogEntry entry = reader.read(last, last, Long.MAX_VALUE).get(0);
            lastTerm = entry.term();
            lastTimeMillis = entry.timeMillis();
        } else if (snapshot != null) {
            lastTerm = snapshot.term();
            lastTimeMillis = snapshot.timeMillis();
        }
    }

    /** The configuration in effect: the latest in the log, committed or not (section 6). */
    Configuration configuration() {
        return configurations.latest();
    }

    /** The configuration that the latest one, which is not committed yet, replaced. */
    Configuration configurationBefore() {
        return configurations.beforeLatest();
    }

    /** Grows whenever {@link #configuration()} changes. */
    long configurationChanges() {
        return configurations.changes();
    }

    /** The index of the entry or snapshot that {@link #configuration()} is from. */
    long configurationIndex() {
        return configurations.latestIndex();
    }

    /** The last entry that the latest snapshot stands for, 0 if there is none. */
    long snapshotIndex() {
        return snapshot == null ? 0 : snapshot.index();
    }

    long firstIndex() {
        return firstIndex;
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

    /** Whether the term of an entry, or of where the log begins, is still known. */
    boolean knowsTermAt(long index) {
        return index == 0
                || index == snapshotIndex()
                || (index == firstIndex - 1 && baseTerm > 0)
                || (index >= firstIndex && index <= lastIndex());
    }

    /** The term of the entry at an index, 0 for index 0. */
    long termAt(long index) {
        if (index == 0) {
            return 0;
        }
        if (index == lastIndex()) {
            return lastTerm;
        }
        if (index == snapshotIndex()) {
            return snapshot.term();
        }
        if (index == firstIndex - 1 && baseTerm > 0) {
            return baseTerm;
        }
        Invariant.check(index >= firstIndex, "entry %d is not compacted away; the log begins at %d", index, firstIndex);
        return index >= window.firstIndex() ? window.get(index).term() : reader.termAt(index);
    }

    /** The size of an entry that is not yet committed, in bytes. */
    int sizeAt(long index) {
        return window.get(index).sizeInBytes();
    }

    /**
     * Whether the log has this entry (the consistency check of section 5.3). What was compacted away was committed, so the
     * log of every leader has the same.
     */
    boolean contains(long index, long term) {
        if (index > lastIndex()) {
            return false;
        }
        return !knowsTermAt(index) || termAt(index) == term;
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
        while (candidate > floor && knowsTermAt(candidate) && termAt(candidate) > term) {
            candidate--;
        }
        return candidate;
    }

    /** The bytes of the entries from an index on; unknown and so very many if they are not all in memory. */
    long bytesFrom(long index) {
        return index >= window.firstIndex() ? window.bytesFrom(index) : Long.MAX_VALUE;
    }

    /** Consecutive entries from an index on, at least one. */
    List<LogEntry> entries(long fromIndex, long maxBytes) {
        return entries(fromIndex, lastIndex(), maxBytes);
    }

    private List<LogEntry> entries(long fromIndex, long toIndex, long maxBytes) {
        if (fromIndex >= window.firstIndex()) {
            return window.slice(fromIndex, toIndex, maxBytes);
        }
        return reader.read(fromIndex, Math.min(toIndex, window.firstIndex() - 1), maxBytes);
    }

    /** Appends entries; they supersede everything at and above the index of the first. */
    void append(List<LogEntry> entries) {
        long first = entries.get(0).index();
        Invariant.check(first > commitIndex, "entry %d does not replace a committed one, up to %d", first, commitIndex);
        Invariant.check(first <= lastIndex() + 1, "entry %d leaves no gap after %d", first, lastIndex());
        if (first <= lastIndex()) {
            truncateFrom(first);
        }
        for (int i = 0; i < entries.size(); i++) {
            append(entries.get(i));
        }
    }

    /** Appends an entry behind the last. */
    void append(LogEntry entry) {
        window.append(entry);
        if (entry.type() == EntryType.CONFIGURATION) {
            configurations.append(entry);
        }
        lastTerm = entry.term();
        lastTimeMillis = entry.timeMillis();
    }

    private void truncateFrom(long index) {
        window.truncateFrom(index);
        configurations.truncateFrom(index);
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
        evict();
    }

    boolean hasCommitted() {
        return givenOutIndex < commitIndex && givenOutBytes < maxCachedBytes;
    }

    /** Committed entries that were not given out before, as many as may wait for the state machine. */
    List<LogEntry> takeCommitted() {
        if (!hasCommitted()) {
            return List.of();
        }
        List<LogEntry> entries = entries(givenOutIndex + 1, commitIndex, maxCachedBytes - givenOutBytes);
        long last = entries.get(entries.size() - 1).index();
        long bytes = Entries.sizeOf(entries);
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

    /** Notes that a snapshot is durable, and that entries below an index may be forgotten. */
    void snapshotTaken(SnapshotMetadata metadata, long mayCompactBelow) {
        if (metadata.index() <= snapshotIndex()) {
            return;
        }
        Invariant.check(
                metadata.index() <= givenOutIndex,
                "a snapshot holds what was given out to be applied: %d, up to %d",
                metadata.index(),
                givenOutIndex);
        snapshot = metadata;
        configurations.forgetBefore(metadata.index());
        long newFirst = Math.min(mayCompactBelow, metadata.index() + 1);
        if (newFirst > firstIndex) {
            baseTerm = termAt(newFirst - 1);
            firstIndex = newFirst;
            compactBelow = newFirst;
        }
    }

    /** Below which index the storage need not keep entries any more; 0 if that was said before. */
    long takeCompactBelow() {
        long below = compactBelow;
        compactBelow = 0;
        return below;
    }

    boolean hasCompaction() {
        return compactBelow > 0;
    }

    /**
     * Puts a leader's snapshot in the place of the log's beginning. A log that has the snapshot's last entry keeps what
     * follows it; any other is of no use (section 7).
     *
     * @return whether nothing is kept
     */
    boolean install(SnapshotMetadata metadata) {
        Invariant.check(
                metadata.index() > commitIndex,
                "a snapshot is installed for what is missing: up to %d, committed %d",
                metadata.index(),
                commitIndex);
        // What was not even handed out is not worth keeping: the storage could not drop what comes before it.
        boolean keeps = metadata.index() <= handedOutIndex && termAt(metadata.index()) == metadata.term();
        snapshot = metadata;
        if (keeps) {
            configurations.rebase(metadata.index(), metadata.configuration());
            compactBelow = metadata.index() + 1;
        } else {
            window = new EntryWindow(metadata.index() + 1);
            configurations.reset(metadata.index(), metadata.configuration());
            lastTerm = metadata.term();
            lastTimeMillis = metadata.timeMillis();
            handedOutIndex = metadata.index();
            persistedIndex = metadata.index();
            compactBelow = 0;
            for (PendingAppend append : pendingAppends) {
                append.lastIndex = Math.min(append.lastIndex, metadata.index());
            }
        }
        firstIndex = metadata.index() + 1;
        baseTerm = metadata.term();
        persistedIndex = Math.max(persistedIndex, metadata.index());
        commitIndex = metadata.index();
        givenOutIndex = Math.max(givenOutIndex, metadata.index());
        return !keeps;
    }

    /** The size of the entries in memory. */
    long cachedBytes() {
        return window.bytes();
    }

    /** What is durable and committed can be read from the storage, also when the state machine lags far behind. */
    private void evict() {
        long upTo = Math.min(persistedIndex, commitIndex);
        while (window.bytes() > maxCachedBytes && window.firstIndex() <= upTo) {
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
