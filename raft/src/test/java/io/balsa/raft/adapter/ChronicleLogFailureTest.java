package io.balsa.raft.adapter;

class ChronicleLogFailureTest extends SegmentedLogFailureContract {
    ChronicleLogFailureTest() {
        super(LogStorageKind.CHRONICLE);
    }
}
