package io.balsa.raft.core;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/** The clocks of servers which differ in pace by no more than leases allow for. */
final class PacedClocks {
    private final Random random;
    private final Map<NodeId, Long> percents = new HashMap<>();
    /** Up to where each server has seen its own clock, in milliseconds. */
    private final Map<NodeId, Long> seen = new HashMap<>();

    private long now;

    PacedClocks(Random random) {
        this.random = random;
    }

    /** Time passes, whether a server looks at it or not. */
    void pass(long millis) {
        now += millis;
    }

    /** A server begins to look at its clock. */
    void started(NodeId id) {
        percents.computeIfAbsent(id, any -> 100L + random.nextInt(CoreOptions.USUAL_CLOCK_DRIFT_PERCENT + 1));
        seen.put(id, read(id));
    }

    /** How far a server's clock went on since it looked at it last. */
    long takeMillis(NodeId id) {
        long read = read(id);
        long passed = read - seen.get(id);
        seen.put(id, read);
        return passed;
    }

    private long read(NodeId id) {
        return now * percents.get(id) / 100;
    }
}
