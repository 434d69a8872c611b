package io.balsa.raft.adapter;

class SegmentLogTruncationTest extends SegmentedLogTruncationContract {
    SegmentLogTruncationTest() {
        super(LogKind.SEGMENT);
    }
}
