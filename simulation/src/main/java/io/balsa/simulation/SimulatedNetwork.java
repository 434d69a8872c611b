package io.balsa.simulation;

import java.util.SplittableRandom;

/** The ways between all machines: each delays what is sent, loses it, repeats it, holds it back or is cut. */
final class SimulatedNetwork {
    private static final long LATEST_REPLAY_NANOS = 4_000_000_000L;
    /** So many of a thousand messages take ten times as long, and so overtake none but are overtaken. */
    private static final int SLOW_PER_MILLE = 20;

    private final World world;
    private final SplittableRandom random;
    private final long meanDelayNanos;
    private final boolean[][] cut;
    private final long[][] cloggedUntilNanos;
    private int lossPerMille;
    private int replayPerMille;
    private long lost;
    private long replayed;

    SimulatedNetwork(World world, FaultPlan plan, int endpoints) {
        this.world = world;
        this.random = world.random("network");
        this.meanDelayNanos = plan.meanDelayNanos();
        this.lossPerMille = plan.lossPerMille();
        this.replayPerMille = plan.replayPerMille();
        this.cut = new boolean[endpoints][endpoints];
        this.cloggedUntilNanos = new long[endpoints][endpoints];
    }

    /** Carries a message between servers, or not. */
    void sendMessage(int from, int to, Runnable delivery) {
        if (cut[from][to] || random.nextInt(1000) < lossPerMille) {
            lost++;
            return;
        }
        world.after(delayNanos(from, to), delivery);
        if (replayPerMille > 0 && random.nextInt(1000) < replayPerMille) {
            replayed++;
            world.after(random.nextLong(LATEST_REPLAY_NANOS), delivery);
        }
    }

    /** Carries one direction of a request: like a stream, it repeats nothing. */
    void sendRequest(int from, int to, Runnable delivery) {
        if (cut[from][to] || random.nextInt(2000) < lossPerMille) {
            lost++;
            return;
        }
        world.after(delayNanos(from, to), delivery);
    }

    private long delayNanos(int from, int to) {
        long delay = meanDelayNanos / 2 + random.nextLong(meanDelayNanos);
        if (random.nextInt(1000) < SLOW_PER_MILLE) {
            delay *= 10;
        }
        long clogged = cloggedUntilNanos[from][to] - world.nowNanos();
        return clogged > 0 ? clogged + random.nextLong(1_000_000) : delay;
    }

    void cut(int from, int to) {
        cut[from][to] = true;
    }

    void mend(int from, int to) {
        cut[from][to] = false;
        cloggedUntilNanos[from][to] = 0;
    }

    void clog(int from, int to, long untilNanos) {
        cloggedUntilNanos[from][to] = untilNanos;
    }

    boolean isCut(int from, int to) {
        return cut[from][to];
    }

    /** Nothing is lost or repeated any more, except where a way is cut. */
    void calm() {
        lossPerMille = 0;
        replayPerMille = 0;
    }

    void mendAll() {
        for (int from = 0; from < cut.length; from++) {
            for (int to = 0; to < cut.length; to++) {
                mend(from, to);
            }
        }
    }

    long lost() {
        return lost;
    }

    long replayed() {
        return replayed;
    }
}
