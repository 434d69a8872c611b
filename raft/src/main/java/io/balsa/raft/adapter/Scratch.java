package io.balsa.raft.adapter;

import io.netty.util.concurrent.FastThreadLocal;

/**
 * Bytes that are of use until the next time: what the network holds outside the heap passes through here, since arrays are
 * read and written several times faster. Not thread-safe.
 */
final class Scratch {
    /** More is needed so seldom that it is not worth keeping. */
    private static final int MAX_KEPT_BYTES = 256 << 10;

    private static final int MIN_BYTES = 4 << 10;
    private static final FastThreadLocal<Scratch> OF_THREAD = new FastThreadLocal<>() {
        @Override
        protected Scratch initialValue() {
            return new Scratch();
        }
    };

    private byte[] kept = new byte[0];

    /** That of the calling thread, for connections of which there may be very many. */
    static Scratch ofThread() {
        return OF_THREAD.get();
    }

    /** An array of at least this size, with anything in it. */
    byte[] ofAtLeast(int size) {
        if (size <= kept.length) {
            return kept;
        }
        if (size > MAX_KEPT_BYTES) {
            return new byte[size];
        }
        kept = new byte[Math.max(MIN_BYTES, Integer.highestOneBit(size - 1) << 1)];
        return kept;
    }
}
