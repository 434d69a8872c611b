package io.balsa.raft.adapter;

import io.balsa.raft.core.Entries;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Encodes entries once for all the followers that they leave for at about the same time. Keeps their bytes until the event loop
 * that it belongs to has done what waits there now: what the groups of a host have to send leaves follower by follower.
 */
final class SharedEntries {
    /** Fewer are encoded in less time than it takes to put a frame together of parts. */
    private static final int MIN_BYTES = 2 << 10;

    /** Of all that is kept; what would exceed it is encoded for each follower. */
    private static final int MAX_KEPT_BYTES = 4 << 20;

    private static final FastThreadLocal<SharedEntries> OF_THREAD = new FastThreadLocal<>() {
        @Override
        protected SharedEntries initialValue() {
            return new SharedEntries();
        }
    };

    private record Kept(LogEntry first, int count, ByteBuf bytes) {}

    /** By the last of the entries, as an object. */
    private final IdentityHashMap<LogEntry, Kept> kept = new IdentityHashMap<>();

    private long keptBytes;

    /** That of the calling event loop. */
    static SharedEntries ofThread() {
        return OF_THREAD.get();
    }

    /**
     * A frame with a message; whoever gets it must write or release it.
     *
     * @param scratch where the bytes may pass through
     * @param loop the calling event loop
     */
    ByteBuf frame(
            ByteBufAllocator allocator, String group, Message.AppendEntries message, Scratch scratch, Executor loop) {
        List<LogEntry> entries = message.entries();
        long size = Entries.sizeOf(entries);
        if (size < MIN_BYTES) {
            return AppendEntriesCodec.frame(allocator, group, message, scratch);
        }
        ByteBuf known = find(entries);
        if (known != null) {
            return AppendEntriesCodec.frame(allocator, group, message, scratch, known.retainedDuplicate());
        }
        if (keptBytes + size > MAX_KEPT_BYTES) {
            return AppendEntriesCodec.frame(allocator, group, message, scratch);
        }
        ByteBuf encoded = AppendEntriesCodec.encode(allocator, entries, scratch);
        keep(entries, encoded, loop);
        return AppendEntriesCodec.frame(allocator, group, message, scratch, encoded.retainedDuplicate());
    }

    /**
     * The bytes of entries, which are consecutive ones of a log; null if they are not here. It is enough that they begin and end
     * with the same objects: none between two entries of a log is ever replaced without the latter.
     */
    @SuppressWarnings("ReferenceEquality")
    private ByteBuf find(List<LogEntry> entries) {
        Kept found = kept.get(entries.get(entries.size() - 1));
        return found != null && found.count == entries.size() && found.first == entries.get(0) ? found.bytes : null;
    }

    private void keep(List<LogEntry> entries, ByteBuf encoded, Executor loop) {
        boolean isFirst = kept.isEmpty();
        Kept before = kept.put(entries.get(entries.size() - 1), new Kept(entries.get(0), entries.size(), encoded));
        keptBytes += encoded.readableBytes();
        if (before != null) {
            keptBytes -= before.bytes.readableBytes();
            before.bytes.release();
        }
        if (isFirst) {
            releaseSoon(loop);
        }
    }

    private void releaseSoon(Executor loop) {
        try {
            loop.execute(this::release);
        } catch (RejectedExecutionException ended) {
            release();
            throw ended;
        }
    }

    private void release() {
        kept.values().forEach(each -> each.bytes.release());
        kept.clear();
        keptBytes = 0;
    }
}
