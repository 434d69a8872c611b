package io.balsa.raft.adapter;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.IntSupplier;

/**
 * Keeps a {@link Journal} from growing beyond twice what its groups need, and a few segments. Where nothing that is needed lies
 * in the first segments, they go. Where they hold the rest of a group that rests, or keeps much, that is copied to the end.
 *
 * <p>What the journal knows of each group is written anew behind what goes, and synced, before it goes. What is copied is synced
 * with it. Work is done in small steps, by whoever is at the disk.
 */
final class JournalCompaction {
    /** Beyond twice what is needed, a journal may have so many segments. */
    private static final int SPARED_SEGMENTS = 2;

    /** So much is copied at a time, or a part of a segment. */
    private static final int MAX_COPIED_BYTES = 1 << 20;

    private static final int COPIES_PER_SEGMENT = 4;

    private enum Need {
        NOTHING,
        TRUNCATION,
        COPY
    }

    private final Journal journal;
    private final Collection<GroupState> groups;
    private final IntSupplier newNumber;
    private final long segmentBytes;

    /** Whether anything changed that matters here, besides that the journal grew. */
    private volatile boolean changed = true;

    private volatile Need need = Need.NOTHING;
    private volatile boolean overdue;
    /** Up to where the journal had grown when this was found out. */
    private volatile long assessedTo;
    /** What is being copied, or null; changed by whoever is at the disk. */
    private volatile GroupState copied;
    /** Up to here it was tried to let the journal begin later; the same. */
    private volatile long triedTo;

    /**
     * @param groups all of them, also those that come later
     * @param newNumber gives a number for records that was not used before
     */
    JournalCompaction(Journal journal, Collection<GroupState> groups, IntSupplier newNumber, int segmentBytes) {
        this.journal = journal;
        this.groups = groups;
        this.newNumber = newNumber;
        this.segmentBytes = segmentBytes;
    }

    /** A group needs less than before. From any thread. */
    void onFreed() {
        changed = true;
    }

    /** Whether there is something to do. From any thread. */
    boolean isDue() {
        if (changed || journal.bytesFrom(assessedTo) >= segmentBytes / 2) {
            assess();
        }
        return need != Need.NOTHING;
    }

    /** Whether there is something to do that should not wait any longer. From any thread. */
    boolean isOverdue() {
        return isDue() && overdue;
    }

    private void assess() {
        changed = false;
        assessedTo = journal.lastIndex() + 1;
        long first = journal.firstIndex();
        long size = journal.bytesFrom(first);
        long allowed = SPARED_SEGMENTS * segmentBytes;
        for (GroupState group : groups) {
            allowed += 2 * group.neededBytes();
        }
        overdue = size > allowed + allowed / 2;
        if (journal.bytesFrom(Math.max(first, triedTo)) - journal.bytesFrom(firstNeeded()) >= segmentBytes) {
            need = Need.TRUNCATION;
        } else {
            need = copied != null || size > allowed ? Need.COPY : Need.NOTHING;
        }
    }

    private long firstNeeded() {
        long first = journal.lastIndex() + 1;
        for (GroupState group : groups) {
            first = Math.min(first, group.firstNeeded());
        }
        return first;
    }

    /** Does a part of what is due; by whoever is at the disk. */
    void step() {
        assess();
        switch (need) {
            case TRUNCATION -> truncate();
            case COPY -> copy();
            case NOTHING -> {
                return;
            }
        }
        assess();
    }

    private void truncate() {
        long first = firstNeeded();
        triedTo = first;
        for (GroupState group : groups) {
            if (!group.hasFactsFrom(first)) {
                group.writeFacts();
            }
        }
        journal.syncAll();
        journal.truncatePrefix(first);
    }

    private void copy() {
        if (copied == null) {
            Optional<GroupState> last = groups.stream().min(Comparator.comparingLong(GroupState::firstNeeded));
            if (last.isEmpty() || last.get().firstNeeded() == Long.MAX_VALUE) {
                return;
            }
            last.get().beginCopy(newNumber.getAsInt());
            copied = last.get();
        }
        if (copied.copySome(Math.min(MAX_COPIED_BYTES, segmentBytes / COPIES_PER_SEGMENT))) {
            copied = null;
        }
        journal.relieve();
    }
}
