package io.balsa.statemachine;

import io.balsa.raft.core.Invariant;
import io.balsa.raft.port.StateMachine;
import java.util.Arrays;

/**
 * Keeps everything that has a deadline in the order in which it ends.
 *
 * <p>A binary heap whose elements know their position, so that putting off a deadline, which every command of a session
 * does, takes logarithmic time and no memory, and nothing outdated stays behind.
 */
final class Deadlines {
    private static final int INITIAL_CAPACITY = 64;

    private Timed[] heap = new Timed[INITIAL_CAPACITY];
    private int size;

    /** Adds it with this deadline, or moves the one that is here already. */
    void put(Timed timed, long deadlineMillis) {
        timed.deadlineMillis(deadlineMillis);
        if (timed.position() < 0) {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, size * 2);
            }
            place(timed, size);
            size++;
        }
        siftUp(timed);
        siftDown(timed);
    }

    /** Removes it; nothing happens when it is not here. */
    void remove(Timed timed) {
        int position = timed.position();
        if (position < 0) {
            return;
        }
        Invariant.check(heap[position] == timed, "a deadline is where it says");
        size--;
        Timed last = heap[size];
        heap[size] = null;
        timed.position(-1);
        if (last != timed) {
            place(last, position);
            siftUp(last);
            siftDown(last);
        }
    }

    /** Whether anything ends at this time or before. */
    boolean isDue(long nowMillis) {
        return size > 0 && heap[0].deadlineMillis() <= nowMillis;
    }

    /** Removes what ends first; only when there is something. */
    Timed removeFirst() {
        Invariant.check(size > 0, "there is a deadline to remove");
        Timed first = heap[0];
        remove(first);
        return first;
    }

    /** The earliest deadline, or {@link StateMachine#NO_DEADLINE}. */
    long earliestMillis() {
        return size == 0 ? StateMachine.NO_DEADLINE : heap[0].deadlineMillis();
    }

    int size() {
        return size;
    }

    private void siftUp(Timed timed) {
        int position = timed.position();
        while (position > 0) {
            int parent = (position - 1) >>> 1;
            if (!timed.endsBefore(heap[parent])) {
                break;
            }
            place(heap[parent], position);
            position = parent;
        }
        place(timed, position);
    }

    private void siftDown(Timed timed) {
        int position = timed.position();
        while (true) {
            int child = 2 * position + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && heap[child + 1].endsBefore(heap[child])) {
                child++;
            }
            if (!heap[child].endsBefore(timed)) {
                break;
            }
            place(heap[child], position);
            position = child;
        }
        place(timed, position);
    }

    private void place(Timed timed, int position) {
        heap[position] = timed;
        timed.position(position);
    }
}
