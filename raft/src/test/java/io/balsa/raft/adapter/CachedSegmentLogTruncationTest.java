package io.balsa.raft.adapter;

class CachedSegmentLogTruncationTest extends SegmentedLogTruncationContract {
    CachedSegmentLogTruncationTest() {
        super(LogStorageKind.SEGMENT_CACHED);
    }
}
