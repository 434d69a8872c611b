package io.balsa.raft.core;

import java.util.ArrayDeque;
import java.util.Deque;

/** The messages with entries that one follower has not acknowledged yet, bounded in number and bytes. */
final class Inflights {
    private final int maxMessages;
    private final long maxBytes;
    private final Deque<InFlight> messages = new ArrayDeque<>();
    private long bytes;

    Inflights(int maxMessages, long maxBytes) {
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
    }

    /** Whether no further message may be sent before one is acknowledged. The last one may exceed the bytes. */
    boolean isFull() {
        return messages.size() >= maxMessages || bytes >= maxBytes;
    }

    boolean isEmpty() {
        return messages.isEmpty();
    }

    void add(long lastIndex, long messageBytes) {
        Invariant.check(!isFull(), "no more messages are in flight than allowed");
        messages.addLast(new InFlight(lastIndex, messageBytes));
        bytes += messageBytes;
    }

    /** Forgets the messages whose entries are all acknowledged. */
    void acknowledged(long index) {
        while (!messages.isEmpty() && messages.peekFirst().lastIndex <= index) {
            bytes -= messages.removeFirst().bytes;
        }
    }

    void clear() {
        messages.clear();
        bytes = 0;
    }

    private record InFlight(long lastIndex, long bytes) {}
}
