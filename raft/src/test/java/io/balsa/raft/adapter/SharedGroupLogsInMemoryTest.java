package io.balsa.raft.adapter;

import io.balsa.raft.port.LogStorage;

/** The log of a group alone in a shared log, over one in memory that drops just what it is told to. */
class SharedGroupLogsInMemoryTest extends LogStorageContract {
    private static final String STORE_ID = "00112233445566778899aabbccddeeff";
    private static final int SEGMENT_BYTES = 4 << 10;

    private final LogStorage journal = new MemoryLogStorage();
    private SharedGroupLogs logs;

    @Override
    protected LogStorage create() {
        logs = SharedGroupLogs.open(journal, "memory", STORE_ID, SEGMENT_BYTES);
        return logs.of("group", STORE_ID);
    }

    @Override
    protected LogStorage reopen(LogStorage opened) {
        for (int step = 0; step < 3; step++) {
            logs.idle();
        }
        opened.close();
        logs.close();
        return create();
    }
}
