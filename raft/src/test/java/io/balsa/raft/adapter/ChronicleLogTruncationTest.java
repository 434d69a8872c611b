package io.balsa.raft.adapter;

class ChronicleLogTruncationTest extends SegmentedLogTruncationContract {
    ChronicleLogTruncationTest() {
        super(LogStorageKind.CHRONICLE);
    }
}
