package io.balsa.raft.node;

import java.util.function.ToLongFunction;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/** A queue from many threads to one, bounded in count and in bytes, that wakes its reader. */
final class Mailbox<T> {
    private final ManyToOneConcurrentArrayQueue<T> queue;
    private final Budget budget;
    private final ToLongFunction<T> sizeOf;
    private final DutySignal reader;

    Mailbox(int capacity, long maxBytes, ToLongFunction<T> sizeOf, DutySignal reader) {
        this.queue = new ManyToOneConcurrentArrayQueue<>(capacity);
        this.budget = new Budget(capacity, maxBytes);
        this.sizeOf = sizeOf;
        this.reader = reader;
    }

    /** Puts something in; false when it is full. Never blocks. */
    boolean offer(T item) {
        long size = sizeOf.applyAsLong(item);
        if (!budget.tryTake(size)) {
            return false;
        }
        if (!queue.offer(item)) {
            budget.giveBack(size);
            return false;
        }
        reader.signal();
        return true;
    }

    /** Takes the next, or null. Only for the reader. */
    T poll() {
        T item = queue.poll();
        if (item != null) {
            budget.giveBack(sizeOf.applyAsLong(item));
        }
        return item;
    }
}
