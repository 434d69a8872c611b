package io.balsa.raft.client;

import io.balsa.raft.core.Invariant;

/**
 * Tasks by the time at which they are due: to add one and to take it back costs the same few steps, however many there are.
 * That is what timeouts need, which are set for every request and hardly ever come due.
 *
 * <p>Time is counted in ticks. A task stands in a slot of the level of the highest digit, to the base of 64, in which its tick
 * differs from the present one; when that digit's turn comes, those of the slot are put in again, a level lower, or are due.
 * Not thread-safe.
 */
final class TimerWheel {
    /** What {@link #nextTick} gives when there is nothing. */
    static final long NEVER = Long.MAX_VALUE;

    private static final int DIGIT_BITS = 6;
    private static final int SLOTS = 1 << DIGIT_BITS;
    /** For all ticks that there are. */
    private static final int LEVELS = (Long.SIZE + DIGIT_BITS - 1) / DIGIT_BITS;

    private final Node[] firsts = new Node[LEVELS * SLOTS];
    private final Node[] lasts = new Node[LEVELS * SLOTS];
    /** Of each level: a bit for each slot in which something stands. All of them are yet to come. */
    private final long[] occupied = new long[LEVELS];

    private long tick;

    /** A task, and its place in the wheel. */
    static final class Node {
        private static final int NOWHERE = -1;

        final Runnable task;
        private final long tick;
        private int place = NOWHERE;
        private Node previous;
        private Node next;
        private boolean takenBack;

        /** @param tick when it is due */
        Node(long tick, Runnable task) {
            this.tick = tick;
            this.task = task;
        }

        /** Whether it was {@linkplain #remove removed}, perhaps only when it was due already. */
        boolean isTakenBack() {
            return takenBack;
        }
    }

    /** Adds a task that is due after the tick that it was last advanced to. */
    void add(Node node) {
        // One of the past would stand in a slot whose turn is over, until all of its level have had theirs. To put it
        // off to the next tick would only hide that somebody reckons with another time than the wheel.
        Invariant.check(node.tick > tick, "a task of tick %d comes after the present tick %d", node.tick, tick);
        long differing = node.tick ^ tick;
        int level = differing == 0 ? 0 : (Long.SIZE - 1 - Long.numberOfLeadingZeros(differing)) / DIGIT_BITS;
        int slot = (int) (node.tick >>> (level * DIGIT_BITS)) & (SLOTS - 1);
        int place = level * SLOTS + slot;
        node.place = place;
        node.previous = lasts[place];
        if (node.previous == null) {
            firsts[place] = node;
        } else {
            node.previous.next = node;
        }
        lasts[place] = node;
        occupied[level] |= 1L << slot;
    }

    /** Takes a task back; one that is due is only marked, for whoever runs it. */
    void remove(Node node) {
        node.takenBack = true;
        if (node.place == Node.NOWHERE) {
            return;
        }
        if (node.next == null) {
            lasts[node.place] = node.previous;
        } else {
            node.next.previous = node.previous;
        }
        if (node.previous == null) {
            firsts[node.place] = node.next;
        } else {
            node.previous.next = node.next;
        }
        if (firsts[node.place] == null) {
            occupied[node.place / SLOTS] &= ~(1L << node.place % SLOTS);
        }
        forget(node);
    }

    private static void forget(Node node) {
        node.place = Node.NOWHERE;
        node.previous = null;
        node.next = null;
    }

    /** The first tick at which there may be something to do; {@link #NEVER} when it is empty. */
    long nextTick() {
        for (int level = 0; level < LEVELS; level++) {
            if (occupied[level] != 0) {
                int shift = level * DIGIT_BITS;
                long slot = Long.numberOfTrailingZeros(occupied[level]);
                // The digits above are those of the present; those below are yet to come, from 0 on.
                int above = shift + DIGIT_BITS;
                long higher = above >= Long.SIZE ? 0 : tick >>> above << above;
                return higher | slot << shift;
            }
        }
        return NEVER;
    }

    /**
     * Lets time go on.
     *
     * @param newTick not before the last one
     * @return the first of the tasks that are due, which leads to the next: in the order of their ticks, and of those of one
     *     tick as they were added; null if there is none
     */
    Node advance(long newTick) {
        Node firstDue = null;
        Node lastDue = null;
        for (long next = nextTick(); next <= newTick; next = nextTick()) {
            tick = next;
            Node node = takeSlotOf(next);
            while (node != null) {
                Node following = node.next;
                forget(node);
                if (node.tick > tick) {
                    add(node);
                } else if (lastDue == null) {
                    firstDue = node;
                    lastDue = node;
                } else {
                    lastDue.next = node;
                    lastDue = node;
                }
                node = following;
            }
        }
        tick = newTick;
        return firstDue;
    }

    /** What stands in the lowest slot, whose turn has come. */
    private Node takeSlotOf(long next) {
        int level = 0;
        while (occupied[level] == 0) {
            level++;
        }
        int slot = (int) (next >>> (level * DIGIT_BITS)) & (SLOTS - 1);
        occupied[level] &= ~(1L << slot);
        Node first = firsts[level * SLOTS + slot];
        firsts[level * SLOTS + slot] = null;
        lasts[level * SLOTS + slot] = null;
        return first;
    }

    /** Of tasks that are due: the one after this. */
    static Node afterwards(Node due) {
        Node following = due.next;
        due.next = null;
        return following;
    }
}
