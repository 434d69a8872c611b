package io.balsa.simulation;

import io.balsa.raft.port.Clock;

/** The monotonic clock of one simulated machine: it begins anywhere and runs a little too fast or too slow, but never back. */
final class SimulatedClock implements Clock {
    private static final double FAR_AWAY = 1e17;

    private final World world;
    private final double pace;
    private final long offsetNanos;

    /** @param pace nanoseconds on this clock in one of the world's */
    SimulatedClock(World world, double pace, long offsetNanos) {
        this.world = world;
        this.pace = pace;
        this.offsetNanos = offsetNanos;
    }

    @Override
    public long nanoTime() {
        return offsetNanos + (long) (world.nowNanos() * pace);
    }

    /** When, in the world's time, this much has passed on this clock: never too early. */
    long worldNanosAfter(long nanos) {
        return (long) Math.min(nanos / pace, FAR_AWAY) + 2;
    }

    /** The world's time when this clock will show a time. */
    long worldNanosAt(long clockNanos) {
        return world.nowNanos() + Math.round((clockNanos - nanoTime()) / pace);
    }
}
