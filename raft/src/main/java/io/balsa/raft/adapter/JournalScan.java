package io.balsa.raft.adapter;

import io.balsa.raft.core.LogEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Finds out what the groups of a journal have, from its entries in order.
 *
 * <p>The first entries of a journal may be gone, and with them records of groups that are not needed in the end; so a log may at
 * first be known from an entry on that lies above its beginning. Where it ends is known from its first record on, and nothing
 * may be missing in between; and in the end it must reach down to where its {@link GroupRecord.Facts}, and what came after
 * them, say that it begins.
 */
final class JournalScan {
    private final Map<Integer, Track> tracks = new TreeMap<>();
    private final Map<String, Integer> numbers = new HashMap<>();
    private int lastNumber;

    /** What came under one number. */
    private static final class Track {
        private final boolean isCopy;
        /** Null until anything is known of entries. */
        private LogIndex index;
        /** Where the log begins; 0 until that is known. */
        private long begin;

        private GroupRecord.Facts facts;
        private long factsAt;
        private long lastAt;

        Track(boolean isCopy) {
            this.isCopy = isCopy;
        }
    }

    /**
     * What a group has.
     *
     * @param number of its records
     * @param index where they lie
     * @param factsAt the last of its facts
     * @param lastAt the last of its records
     */
    record Found(String name, String storeId, int number, LogIndex index, long factsAt, long lastAt) {}

    /** Takes up the next entry of the journal. */
    void take(LogEntry entry) throws DamagedRecordException {
        GroupRecord record = GroupRecord.decode(entry.payload());
        int number = record.number();
        lastNumber = Math.max(lastNumber, number);
        if (record instanceof GroupRecord.Remove) {
            remove(number);
            return;
        }
        Track track = tracks.computeIfAbsent(number, unused -> new Track(record instanceof GroupRecord.Copy));
        track.lastAt = entry.index();
        if (record instanceof GroupRecord.Facts facts) {
            track.factsAt = entry.index();
            take(track, facts);
        } else if (record instanceof GroupRecord.Append append) {
            take(track, append, entry);
        } else if (record instanceof GroupRecord.Reset reset) {
            track.index = new LogIndex(reset.firstIndex());
            track.begin = reset.firstIndex();
        } else if (record instanceof GroupRecord.Begin begin) {
            take(track, begin);
        } else if (!track.isCopy || track.index != null) {
            throw new DamagedRecordException("a copy begins under the number " + number + ", which is in use");
        }
    }

    private void remove(int number) {
        Track removed = tracks.remove(number);
        if (removed != null && removed.facts != null) {
            numbers.remove(removed.facts.name(), number);
        }
    }

    private void take(Track track, GroupRecord.Append append, LogEntry entry) throws DamagedRecordException {
        long first = append.entries().get(0).index();
        if (track.index == null) {
            track.index = new LogIndex(first);
        }
        if (first < track.begin || first > track.index.lastIndex() + 1) {
            throw new DamagedRecordException("entry " + first + " of " + nameOf(track, append)
                    + ", whose log begins with entry " + track.begin + " and ends with " + track.index.lastIndex());
        }
        if (first < track.index.firstIndex()) {
            // It supersedes all that was seen; what it follows lay in entries that are gone.
            track.index.reset(first);
        }
        track.index.append(entry.index(), Journal.lengthOf(entry.payload().length), append.entries());
    }

    private static void take(Track track, GroupRecord.Begin begin) throws DamagedRecordException {
        long first = begin.firstIndex();
        if (first < track.begin || (track.index != null && first > track.index.lastIndex() + 1)) {
            throw new DamagedRecordException("the log of " + nameOf(track, begin) + " shall begin with entry " + first
                    + ", but begins with " + track.begin + " and ends with " + track.index.lastIndex());
        }
        if (track.begin > 0) {
            track.begin = first;
        }
        if (track.index != null && first > track.index.firstIndex()) {
            GroupState.begin(track.index, first);
        }
    }

    private void take(Track track, GroupRecord.Facts facts) throws DamagedRecordException {
        if (facts.replaced() > 0) {
            remove(facts.replaced());
        }
        if (track.facts != null
                && !(track.facts.name().equals(facts.name())
                        && track.facts.storeId().equals(facts.storeId()))) {
            throw new DamagedRecordException(
                    nameOf(track, facts) + " has become group '" + facts.name() + "' of store " + facts.storeId());
        }
        Integer other = numbers.put(facts.name(), facts.number());
        if (other != null && other != facts.number()) {
            throw new DamagedRecordException(
                    "group '" + facts.name() + "' has the numbers " + other + " and " + facts.number());
        }
        if (track.index == null) {
            track.index = new LogIndex(facts.lastIndex() + 1);
        }
        if (track.index.lastIndex() != facts.lastIndex() || (track.begin > 0 && track.begin != facts.firstIndex())) {
            throw new DamagedRecordException("group '" + facts.name() + "' must have entries " + facts.firstIndex()
                    + " to " + facts.lastIndex() + ", but those found begin with " + track.begin + " and end with "
                    + track.index.lastIndex());
        }
        track.facts = facts;
        track.begin = facts.firstIndex();
        if (track.begin > track.index.firstIndex()) {
            GroupState.begin(track.index, track.begin);
        }
    }

    private static String nameOf(Track track, GroupRecord record) {
        return track.facts == null ? "group number " + record.number() : "group '" + track.facts.name() + "'";
    }

    /** The groups, when all entries were taken up. */
    Collection<Found> groups() throws DamagedRecordException {
        List<Found> found = new ArrayList<>();
        for (Map.Entry<Integer, Track> numbered : tracks.entrySet()) {
            Track track = numbered.getValue();
            if (track.facts != null) {
                if (track.index.firstIndex() != track.begin) {
                    throw new DamagedRecordException("the log of group '" + track.facts.name() + "' begins with entry "
                            + track.begin + ", but the first that was found is " + track.index.firstIndex());
                }
                found.add(new Found(
                        track.facts.name(),
                        track.facts.storeId(),
                        numbered.getKey(),
                        track.index,
                        track.factsAt,
                        track.lastAt));
            } else if (!track.isCopy) {
                throw new DamagedRecordException("it has records of a group of the number " + numbered.getKey()
                        + ", and never says which that is");
            }
        }
        return found;
    }

    /** The numbers of copies that were not finished. */
    List<Integer> unfinishedCopies() {
        return tracks.entrySet().stream()
                .filter(numbered -> numbered.getValue().facts == null && numbered.getValue().isCopy)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The highest number that was used. */
    int lastNumber() {
        return lastNumber;
    }
}
