package io.balsa.statemachine;

import io.balsa.statemachine.proto.ServiceEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Keeps the latest service events, so that a watch resumes where it was, on any server.
 *
 * <p>Bounded by count and bytes. The events of one index come and go together, since a watch resumes only between indexes.
 */
final class EventHistory {
    private final StateMachineLimits limits;
    private final NavigableMap<Long, List<ServiceEvent>> byIndex = new TreeMap<>();
    private long droppedThrough;
    private int count;
    private long bytes;

    /** @param droppedThrough events up to this index are gone already */
    EventHistory(StateMachineLimits limits, long droppedThrough) {
        this.limits = limits;
        this.droppedThrough = droppedThrough;
    }

    /** Adds an event, whose index is not below that of any other, and drops the oldest ones where there are too many. */
    void add(ServiceEvent event) {
        if (event.getIndex() <= droppedThrough) {
            // One entry made more events than may be kept: all of its events count as dropped.
            return;
        }
        byIndex.computeIfAbsent(event.getIndex(), index -> new ArrayList<>(1)).add(event);
        count++;
        bytes += event.getSerializedSize();
        while (count > limits.maxHistoryEvents() || bytes > limits.maxHistoryBytes()) {
            dropOldest();
        }
    }

    private void dropOldest() {
        Map.Entry<Long, List<ServiceEvent>> oldest = byIndex.pollFirstEntry();
        droppedThrough = oldest.getKey();
        for (ServiceEvent event : oldest.getValue()) {
            count--;
            bytes -= event.getSerializedSize();
        }
    }

    /** Whether all events after this index are here. */
    boolean isComplete(long afterIndex) {
        return afterIndex >= droppedThrough;
    }

    /** Events up to this index are gone. */
    long droppedThrough() {
        return droppedThrough;
    }

    /** The events after this index, together those of one index; a view. */
    Collection<List<ServiceEvent>> after(long index) {
        return byIndex.tailMap(index, false).values();
    }

    /** All events, in their order. */
    List<ServiceEvent> all() {
        return byIndex.values().stream().flatMap(List::stream).toList();
    }

    int size() {
        return count;
    }

    long bytes() {
        return bytes;
    }
}
