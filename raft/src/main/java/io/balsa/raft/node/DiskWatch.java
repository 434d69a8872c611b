package io.balsa.raft.node;

/**
 * Tells when the log's disk hangs: something waits for it, and for a long time nothing has become durable. A leader must
 * not go on leading then, for its heartbeats would hold everybody else back though it can serve nobody. The driver's alone.
 */
final class DiskWatch {
    private final long patienceNanos;
    private long submittedSequence;
    private long persistedSequence;
    private long waitingSinceNanos;

    DiskWatch(long patienceNanos) {
        this.patienceNanos = patienceNanos;
    }

    /** An append was handed to the disk. */
    void submitted(long sequence, long nowNanos) {
        if (!isWaiting()) {
            waitingSinceNanos = nowNanos;
        }
        submittedSequence = sequence;
    }

    /** Everything up to this append is durable: the disk is at work, however slow. */
    void persisted(long sequence, long nowNanos) {
        persistedSequence = sequence;
        waitingSinceNanos = nowNanos;
    }

    /** Whether the disk hangs. */
    boolean isStalled(long nowNanos) {
        return isWaiting() && nowNanos - waitingSinceNanos >= patienceNanos;
    }

    private boolean isWaiting() {
        return submittedSequence > persistedSequence;
    }
}
