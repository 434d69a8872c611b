package io.balsa.raft.adapter;

class CachedSegmentLogCrashTest extends SegmentedLogCrashContract {
    CachedSegmentLogCrashTest() {
        super(LogStorageKind.SEGMENT_CACHED);
    }
}
