package io.balsa.simulation;

import java.util.Arrays;

/** The events that are going to happen, the one with the smallest time first, and of equal times the one that was added first. */
final class EventHeap {
    // A binary heap of its own, since most of what a simulation does beside production code is to put events in and
    // take them out.
    private long[] times = new long[256];
    private World.Event[] events = new World.Event[256];
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    /** The time of the first event, if there is one. */
    long firstNanos() {
        return times[0];
    }

    void add(long atNanos, World.Event event) {
        if (size == times.length) {
            times = Arrays.copyOf(times, 2 * size);
            events = Arrays.copyOf(events, 2 * size);
        }
        int hole = size++;
        while (hole > 0) {
            int parent = (hole - 1) >>> 1;
            if (!isBefore(atNanos, event, parent)) {
                break;
            }
            times[hole] = times[parent];
            events[hole] = events[parent];
            hole = parent;
        }
        times[hole] = atNanos;
        events[hole] = event;
    }

    /** Takes the first event out; there must be one. */
    World.Event removeFirst() {
        World.Event first = events[0];
        long atNanos = times[--size];
        World.Event last = events[size];
        events[size] = null;
        int hole = 0;
        int child = 1;
        while (child < size) {
            if (child + 1 < size && isBefore(times[child + 1], events[child + 1], child)) {
                child++;
            }
            if (isBefore(atNanos, last, child)) {
                break;
            }
            times[hole] = times[child];
            events[hole] = events[child];
            hole = child;
            child = 2 * hole + 1;
        }
        if (size > 0) {
            times[hole] = atNanos;
            events[hole] = last;
        }
        return first;
    }

    private boolean isBefore(long atNanos, World.Event event, int other) {
        return atNanos < times[other] || (atNanos == times[other] && event.order() < events[other].order());
    }
}
