package io.balsa.raft.adapter;

import org.junit.jupiter.api.Tag;

@Tag("chronicle")
class ChronicleLogStorageTest extends SegmentedLogStorageContract {
    ChronicleLogStorageTest() {
        super(LogStorageKind.CHRONICLE);
    }
}
