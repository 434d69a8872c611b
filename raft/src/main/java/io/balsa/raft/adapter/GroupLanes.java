package io.balsa.raft.adapter;

import io.balsa.raft.core.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/**
 * Messages of many groups that wait for the same way out, bounded in count and bytes, with a lane for each group. The lanes
 * take turns, and no lane gets more room than is still free besides it: a group that floods leaves room for the others.
 * Thread-safe.
 */
final class GroupLanes {
    /** A message that has its turn. */
    record Waiting(String group, Message message) {}

    /** After so many bytes it is the next group's turn. */
    private static final long TURN_BYTES = 16 << 10;

    /** Whoever has nothing waiting may always have one such message wait: a heartbeat, a vote or an answer. */
    private static final long SMALL_BYTES = 1 << 10;

    private static final class Lane {
        private final String group;
        private final Queue<Message> messages = new ArrayDeque<>();
        private long bytes;
        private long turnBytes;

        Lane(String group) {
            this.group = group;
        }
    }

    private final int maxMessages;
    private final long maxBytes;
    private final Map<String, Lane> lanes = new HashMap<>();
    private final Queue<Lane> turns = new ArrayDeque<>();
    private int messages;
    private volatile long bytes;

    /**
     * @param maxMessages at most this many wait, besides one small one for each group
     * @param maxBytes at most about this many bytes wait; a message that is larger may wait alone
     */
    GroupLanes(int maxMessages, long maxBytes) {
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
    }

    /** Puts a message at the end of its group's lane; false if there is no room. */
    synchronized boolean offer(String group, Message message) {
        Lane lane = lanes.computeIfAbsent(group, Lane::new);
        long size = MessageSize.of(message);
        if (!fits(lane, size)) {
            return false;
        }
        if (lane.messages.isEmpty()) {
            turns.add(lane);
        }
        lane.messages.add(message);
        lane.bytes += size;
        messages++;
        bytes += size;
        return true;
    }

    private boolean fits(Lane lane, long size) {
        if (messages == 0 || (lane.messages.isEmpty() && size <= SMALL_BYTES)) {
            return true;
        }
        int freeMessages = maxMessages - messages;
        long freeBytes = maxBytes - bytes;
        if (lanes.size() == 1) {
            return freeMessages >= 1 && freeBytes >= size;
        }
        return freeMessages > lane.messages.size() && freeBytes >= lane.bytes + size;
    }

    /** Takes the next; null if none waits. */
    synchronized Waiting poll() {
        Lane lane = turns.peek();
        if (lane == null) {
            return null;
        }
        Message message = lane.messages.remove();
        long size = MessageSize.of(message);
        lane.bytes -= size;
        lane.turnBytes += size;
        messages--;
        bytes -= size;
        if (lane.messages.isEmpty() || lane.turnBytes >= TURN_BYTES) {
            turns.remove();
            lane.turnBytes = 0;
            if (!lane.messages.isEmpty()) {
                turns.add(lane);
            }
        }
        return new Waiting(lane.group, message);
    }

    boolean isEmpty() {
        return bytes == 0;
    }

    /** How many bytes wait, in all lanes. */
    long bytes() {
        return bytes;
    }

    /** Drops a group's messages, and its lane. */
    synchronized void close(String group) {
        Lane lane = lanes.remove(group);
        if (lane != null) {
            drop(lane);
            turns.remove(lane);
        }
    }

    /**
     * Drops all messages.
     *
     * @return the groups whose messages they were
     */
    synchronized List<String> clear() {
        List<String> groups = new ArrayList<>();
        for (Lane lane : turns) {
            groups.add(lane.group);
            drop(lane);
        }
        turns.clear();
        return groups;
    }

    private synchronized void drop(Lane lane) {
        messages -= lane.messages.size();
        bytes -= lane.bytes;
        lane.messages.clear();
        lane.bytes = 0;
        lane.turnBytes = 0;
    }
}
