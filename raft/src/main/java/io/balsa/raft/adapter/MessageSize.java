package io.balsa.raft.adapter;

import io.balsa.raft.core.Entries;
import io.balsa.raft.core.Message;

/** What a message counts for where the bytes of waiting messages are bounded, roughly. */
final class MessageSize {
    private static final int OVERHEAD_BYTES = 128;

    private MessageSize() {}

    static long of(Message message) {
        long size = OVERHEAD_BYTES;
        if (message instanceof Message.AppendEntries append) {
            size += Entries.sizeOf(append.entries());
        } else if (message instanceof Message.InstallSnapshot install) {
            size += install.data().length;
        }
        return size;
    }
}
