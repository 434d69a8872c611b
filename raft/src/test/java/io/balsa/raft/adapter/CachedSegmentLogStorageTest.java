package io.balsa.raft.adapter;

class CachedSegmentLogStorageTest extends SegmentedLogStorageContract {
    CachedSegmentLogStorageTest() {
        super(LogStorageKind.SEGMENT_CACHED);
    }
}
