package io.balsa.raft.adapter;

class CachedSegmentLogFailureTest extends SegmentedLogFailureContract {
    CachedSegmentLogFailureTest() {
        super(LogStorageKind.SEGMENT_CACHED);
    }
}
