package io.balsa.raft.adapter;

class SegmentLogFailureTest extends SegmentedLogFailureContract {
    SegmentLogFailureTest() {
        super(LogStorageKind.SEGMENT);
    }
}
