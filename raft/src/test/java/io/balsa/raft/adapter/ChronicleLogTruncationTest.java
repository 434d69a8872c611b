package io.balsa.raft.adapter;

class ChronicleLogTruncationTest extends SegmentedLogTruncationContract {
    ChronicleLogTruncationTest() {
        super(LogKind.CHRONICLE);
    }
}
