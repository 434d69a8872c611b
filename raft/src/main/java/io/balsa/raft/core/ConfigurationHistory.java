package io.balsa.raft.core;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * The configurations that a log holds. The latest is in effect, committed or not; when its entry is overwritten, the one
 * before is in effect again (section 6 of the paper).
 */
final class ConfigurationHistory {
    private final Deque<At> configurations = new ArrayDeque<>();
    private long changes;

    /**
     * @param index of the entry or snapshot that the first configuration is from, 0 for the one that the group began with
     */
    ConfigurationHistory(long index, Configuration first) {
        configurations.addLast(new At(index, first));
    }

    Configuration latest() {
        return configurations.peekLast().configuration;
    }

    /** The one that the latest replaced, or the latest itself when the others are forgotten. */
    Configuration beforeLatest() {
        Iterator<At> backwards = configurations.descendingIterator();
        At latest = backwards.next();
        return backwards.hasNext() ? backwards.next().configuration : latest.configuration;
    }

    /** The index of the entry or snapshot that the latest is from. */
    long latestIndex() {
        return configurations.peekLast().index;
    }

    /** How often the latest may have changed: cheaper to compare than the configurations. */
    long changes() {
        return changes;
    }

    void append(LogEntry entry) {
        Invariant.check(
                entry.index() > latestIndex(), "configuration %d follows that of %d", entry.index(), latestIndex());
        configurations.addLast(new At(entry.index(), Configuration.decode(entry.payload())));
        changes++;
    }

    /** Forgets those at and above an index. */
    void truncateFrom(long index) {
        while (latestIndex() >= index) {
            Invariant.check(configurations.size() > 1, "a committed configuration is not overwritten");
            configurations.removeLast();
            changes++;
        }
    }

    /** Forgets those that were superseded by an index. */
    void forgetBefore(long index) {
        At inEffect = removeUpTo(index);
        if (inEffect != null) {
            configurations.addFirst(inEffect);
        }
    }

    /** Takes a snapshot's word for the configuration at an index; what came later stays. */
    void rebase(long index, Configuration configuration) {
        removeUpTo(index);
        changes++;
        configurations.addFirst(new At(index, configuration));
    }

    /** Removes those up to an index, and gives the last of them, or null if there was none. */
    private At removeUpTo(long index) {
        At last = null;
        while (!configurations.isEmpty() && configurations.peekFirst().index <= index) {
            last = configurations.removeFirst();
        }
        return last;
    }

    /** Forgets all, in favour of a snapshot's. */
    void reset(long index, Configuration configuration) {
        configurations.clear();
        changes++;
        configurations.addLast(new At(index, configuration));
    }

    private record At(long index, Configuration configuration) {}
}
