package io.balsa.raft.adapter;

import io.balsa.raft.core.Configuration;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * What was found in the log of a stopped node.
 *
 * @param directory of the log
 * @param segments in order
 * @param firstIndex of the entries that can be read
 * @param lastIndex of these; below the first when there are none
 * @param firstTerm of the first entry, 0 when there is none
 * @param lastTerm of the last entry
 * @param entries how many entries were read, those that were superseded later included
 * @param configurations of the entries that are configurations, by index
 * @param durable how far the log was synced, for people
 * @param notes what is as it may be after a crash, and is mended when the node starts
 * @param damages what must not be so; empty if the log is whole
 */
public record LogReport(
        Path directory,
        List<Segment> segments,
        long firstIndex,
        long lastIndex,
        long firstTerm,
        long lastTerm,
        long entries,
        SortedMap<Long, Configuration> configurations,
        String durable,
        List<String> notes,
        List<Damage> damages) {
    /** The same with one more note, before the others. */
    LogReport withNote(String note) {
        List<String> more = new ArrayList<>();
        more.add(note);
        more.addAll(notes);
        return new LogReport(
                directory,
                segments,
                firstIndex,
                lastIndex,
                firstTerm,
                lastTerm,
                entries,
                configurations,
                durable,
                List.copyOf(more),
                damages);
    }

    /**
     * A segment of the log.
     *
     * @param records how many are whole
     * @param firstIndex the lowest index of its entries, 0 if it has none
     * @param lastIndex the highest index of its entries
     */
    public record Segment(Path file, long bytes, long records, long firstIndex, long lastIndex) {}
}
