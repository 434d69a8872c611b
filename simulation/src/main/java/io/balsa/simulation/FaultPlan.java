package io.balsa.simulation;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * The mix of faults of one seed: which kinds, how bad and how often.
 *
 * @param nodes servers of the group in the beginning
 * @param spares servers that may join it later
 * @param clients processes that use it
 * @param kinds what may happen
 * @param meanDelayNanos of a message
 * @param lossPerMille of messages between servers
 * @param replayPerMille of messages between servers that arrive once more, perhaps much later
 * @param meanPauseBetweenFaultsNanos how often something happens
 * @param drift clocks run faster or slower by at most this part
 * @param blockPercent how many operations of a disk block their thread while all others go on
 * @param diskLatencyNanos a sync takes about so long
 * @param snapshotEveryEntries servers take snapshots so often
 * @param keptEntries so many entries stay in the logs below a snapshot
 * @param snapshotBytesPerSecond how fast a server sends snapshots; the slower, the smaller are their parts
 * @param staysLong whether the run goes on until nothing can change any more
 */
record FaultPlan(
        int nodes,
        int spares,
        int clients,
        Set<Fault> kinds,
        long meanDelayNanos,
        int lossPerMille,
        int replayPerMille,
        long meanPauseBetweenFaultsNanos,
        double drift,
        int blockPercent,
        long diskLatencyNanos,
        int snapshotEveryEntries,
        int keptEntries,
        long snapshotBytesPerSecond,
        boolean staysLong) {
    private static final int LINE_WIDTH = 58;
    private static final int MOST_SPARES = 4;
    /** A snapshot is a message. */
    private static final long FAST_SNAPSHOTS = 64L << 20;

    private static final long MICRO = 1_000;
    private static final long MILLI = 1_000_000;

    /**
     * Any two clocks differ in pace by less than one part in a hundred, which is what leases of locks and of leaders are
     * safe against by promise.
     */
    private static final double MOST_DRIFT = 0.004;

    static FaultPlan draw(SplittableRandom random, SimulationOptions options) {
        List<Fault> all = new ArrayList<>(options.faults());
        Set<Fault> kinds = EnumSet.noneOf(Fault.class);
        int percent = random.nextInt(20, 90);
        for (Fault fault : all) {
            if (random.nextInt(100) < percent) {
                kinds.add(fault);
            }
        }
        int[] sizes = {3, 3, 3, 3, 5, 5, 2, 1};
        int nodes = options.nodes() > 0 ? options.nodes() : sizes[random.nextInt(sizes.length)];
        return new FaultPlan(
                nodes,
                kinds.contains(Fault.MEMBERSHIP_CHANGE) || kinds.contains(Fault.DISK_LOSS)
                        ? random.nextInt(1, MOST_SPARES + 1)
                        : 0,
                random.nextInt(2, 5),
                kinds,
                random.nextLong(100 * MICRO, 15 * MILLI),
                kinds.contains(Fault.LOSS) ? random.nextInt(1, 150) : 0,
                kinds.contains(Fault.REPLAY) ? random.nextInt(1, 100) : 0,
                random.nextLong(200 * MILLI, 3_000 * MILLI),
                kinds.contains(Fault.DRIFT) ? MOST_DRIFT : 0,
                random.nextBoolean() ? random.nextInt(1, 40) : 0,
                random.nextLong(50 * MICRO, 5 * MILLI),
                random.nextInt(5) == 0 ? 1_000_000 : random.nextInt(5, 60),
                random.nextInt(random.nextBoolean() ? 4 : 30),
                random.nextBoolean() ? FAST_SNAPSHOTS : random.nextLong(1_024, 10_000),
                random.nextInt(4) == 0);
    }

    /** What was drawn, for people, in lines that fit a terminal. */
    List<String> describe(long seed) {
        List<String> lines = new ArrayList<>();
        lines.add("seed %d: %d servers, %d spares, %d clients".formatted(seed, nodes, spares, clients));
        lines.add("a fault every %d ms or so, of these kinds:".formatted(meanPauseBetweenFaultsNanos / MILLI));
        StringBuilder line = new StringBuilder();
        for (Fault kind : kinds) {
            if (line.length() + kind.spelling().length() > LINE_WIDTH) {
                lines.add("  " + line);
                line.setLength(0);
            }
            line.append(kind.spelling()).append(' ');
        }
        lines.add("  " + (kinds.isEmpty() ? "none" : line));
        lines.add("messages take %d us or so; %d of 1000 are lost, %d repeated"
                .formatted(meanDelayNanos / MICRO, lossPerMille, replayPerMille));
        lines.add("a sync takes up to %d us, %d of 100 operations block"
                .formatted(diskLatencyNanos / MICRO, blockPercent));
        lines.add("snapshots every %d entries, keeping %d, %d B/s"
                .formatted(snapshotEveryEntries, keptEntries, snapshotBytesPerSecond));
        if (staysLong) {
            lines.add("goes on until nothing can change any more");
        }
        return lines;
    }
}
