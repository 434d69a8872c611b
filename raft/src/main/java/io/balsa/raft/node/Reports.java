package io.balsa.raft.node;

import io.balsa.raft.core.Input;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What the other duties of a node have to tell the core, on its way to the driver. It needs no bound of its own: each report
 * answers something that the driver asked for, or the one snapshot that is written at a time.
 */
final class Reports {
    private final Queue<Input> queue = new ConcurrentLinkedQueue<>();
    private final DutySignal driver;

    Reports(DutySignal driver) {
        this.driver = driver;
    }

    /** Passes a report on. From any thread. */
    void add(Input report) {
        queue.offer(report);
        driver.signal();
    }

    /** The next report, or null. For the driver. */
    Input poll() {
        return queue.poll();
    }
}
