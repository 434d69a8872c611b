package io.balsa.raft.adapter;

class SegmentLogDamageTest extends SegmentedLogDamageContract {
    SegmentLogDamageTest() {
        super(LogStorageKind.SEGMENT);
    }
}
