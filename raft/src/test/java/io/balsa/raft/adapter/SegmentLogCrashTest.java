package io.balsa.raft.adapter;

class SegmentLogCrashTest extends SegmentedLogCrashContract {
    SegmentLogCrashTest() {
        super(LogStorageKind.SEGMENT);
    }
}
