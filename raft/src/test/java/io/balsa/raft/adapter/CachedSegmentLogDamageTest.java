package io.balsa.raft.adapter;

class CachedSegmentLogDamageTest extends SegmentedLogDamageContract {
    CachedSegmentLogDamageTest() {
        super(LogStorageKind.SEGMENT_CACHED);
    }
}
