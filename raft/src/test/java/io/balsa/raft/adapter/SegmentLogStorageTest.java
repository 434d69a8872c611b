package io.balsa.raft.adapter;

class SegmentLogStorageTest extends SegmentedLogStorageContract {
    SegmentLogStorageTest() {
        super(LogStorageKind.SEGMENT);
    }
}
