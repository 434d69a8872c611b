package io.balsa.raft.adapter;

class ChronicleLogDamageTest extends SegmentedLogDamageContract {
    ChronicleLogDamageTest() {
        super(LogStorageKind.CHRONICLE);
    }
}
