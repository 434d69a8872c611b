package io.balsa.raft.adapter;

class ChronicleLogCrashTest extends SegmentedLogCrashContract {
    ChronicleLogCrashTest() {
        super(LogStorageKind.CHRONICLE);
    }
}
