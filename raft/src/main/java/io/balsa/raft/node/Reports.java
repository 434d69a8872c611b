package io.balsa.raft.node;

import io.balsa.raft.core.Input;
import org.agrona.concurrent.ManyToOneConcurrentLinkedQueue;

/**
 * What the other duties of a node have to tell the core, on its way to the driver. It needs no bound of its own: each report
 * answers something that the driver asked for, or the one snapshot that is written at a time.
 */
final class Reports {
    private final ManyToOneConcurrentLinkedQueue<Input> queue = new ManyToOneConcurrentLinkedQueue<>();
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
