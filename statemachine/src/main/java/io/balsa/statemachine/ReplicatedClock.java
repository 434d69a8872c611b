package io.balsa.statemachine;

import io.balsa.raft.core.Invariant;
import io.balsa.raft.core.LogEntry;

/**
 * Tells where in the log the state is, and what time it is there.
 *
 * <p>The time is that of the entries' stamps, so every server expires the same things at the same entry, however its own
 * clock runs.
 */
final class ReplicatedClock {
    private long index;
    private long millis;

    ReplicatedClock(long index, long millis) {
        this.index = index;
        this.millis = millis;
    }

    void advanceTo(LogEntry entry) {
        Invariant.check(
                entry.index() == index + 1,
                "entry %d is applied right after its predecessor, not %d",
                entry.index(),
                index);
        Invariant.check(
                entry.timeMillis() >= millis, "the stamp %d of an entry is not before %d", entry.timeMillis(), millis);
        index = entry.index();
        millis = entry.timeMillis();
    }

    /** The index of the entry that is being applied, or was applied last; 0 before the first. */
    long index() {
        return index;
    }

    /** The stamp of that entry. */
    long millis() {
        return millis;
    }
}
