package io.balsa.raft.node;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;

/** A queue from many threads to one, bounded in count and in bytes, that wakes its reader. */
final class Mailbox<T> {
    private final MpscAtomicArrayQueue<T> queue;
    private final long maxBytes;
    private final ToLongFunction<T> sizeOf;
    private final DutySignal reader;
    // What was ever put in, and what was ever taken out: so the reader contends with nobody.
    private final AtomicLong offeredBytes = new AtomicLong();
    private final AtomicLong takenBytes = new AtomicLong();
    /** As of some time before: mostly that is enough to see that there is room, and costs no look at the reader's own. */
    private long takenBytesSeen;

    /**
     * @param capacity at most so many wait, or up to the next power of two
     * @param maxBytes at most so many bytes wait
     */
    Mailbox(int capacity, long maxBytes, ToLongFunction<T> sizeOf, DutySignal reader) {
        this.queue = new MpscAtomicArrayQueue<>(capacity);
        this.maxBytes = maxBytes;
        this.sizeOf = sizeOf;
        this.reader = reader;
    }

    /** Puts something in; false when it is full. Never blocks. */
    boolean offer(T item) {
        long size = sizeOf.applyAsLong(item);
        if (!hasRoom(offeredBytes.addAndGet(size)) || !queue.offer(item)) {
            offeredBytes.addAndGet(-size);
            return false;
        }
        reader.signal();
        return true;
    }

    private boolean hasRoom(long offered) {
        if (offered - takenBytesSeen <= maxBytes) {
            return true;
        }
        long taken = takenBytes.get();
        takenBytesSeen = taken;
        return offered - taken <= maxBytes;
    }

    /** Takes the next, or null. Only for the reader. */
    T poll() {
        // What is only half put in is signalled when it is in.
        T item = queue.relaxedPoll();
        if (item != null) {
            takenBytes.lazySet(takenBytes.getPlain() + sizeOf.applyAsLong(item));
        }
        return item;
    }
}
