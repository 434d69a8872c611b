package io.balsa.raft.core;

import java.util.ArrayDeque;
import java.util.Deque;

/** The messages with entries that one follower has not acknowledged yet, by the index of their last entry. */
final class Inflights {
    private final int capacity;
    private final Deque<Long> lastIndexes = new ArrayDeque<>();

    Inflights(int capacity) {
        this.capacity = capacity;
    }

    boolean isFull() {
        return lastIndexes.size() >= capacity;
    }

    void add(long lastIndex) {
        Invariant.check(!isFull(), "no more messages are in flight than allowed");
        lastIndexes.addLast(lastIndex);
    }

    /** Forgets the messages whose entries are all acknowledged. */
    void acknowledged(long index) {
        while (!lastIndexes.isEmpty() && lastIndexes.peekFirst() <= index) {
            lastIndexes.removeFirst();
        }
    }

    void clear() {
        lastIndexes.clear();
    }
}
