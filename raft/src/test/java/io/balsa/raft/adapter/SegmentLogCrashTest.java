package io.balsa.raft.adapter;

class SegmentLogCrashTest extends SegmentedLogCrashContract {
    SegmentLogCrashTest() {
        super(LogKind.SEGMENT);
    }
}
