package io.balsa.raft.node;

import io.balsa.raft.core.CoreOptions;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * How a {@link RaftNode} is set up. Immutable; {@link #builder()} begins with the defaults.
 *
 * @param heartbeatInterval a leader with nothing else to send sends this often
 * @param electionTimeout a follower campaigns after a random time from this to its double without a leader
 * @param inboxCapacity at most this many messages of peers, and as many requests of clients, wait for the driver
 * @param inboxBytes at most this many bytes of either wait
 * @param maxCommandBytes a larger command or query is refused as invalid
 * @param maxPendingProposals at most this many proposals are under way, from arrival to answer
 * @param maxPendingReads at most this many reads are under way, those parked in the state machine included
 * @param maxUncommittedBytes a leader refuses proposals while this much waits to be committed; also how much may wait
 *     for the disk
 * @param maxCachedBytes so much of the log's end stays in memory, for followers and for applying; also how much that is
 *     committed may wait for the state machine. Whoever runs many groups in one process divides among them what it has
 * @param compaction when a snapshot is taken and the log shortened
 * @param maxSnapshotBytesPerSecond a leader sends snapshots to all followers together no faster than this
 * @param snapshotTimeout a leader gives up sending a snapshot when the follower takes nothing for this time
 * @param electionPriority from 1 to 100: the lower, the longer this node waits for others to campaign before it does
 * @param maxClockDriftPercent from 0 to 50: by how much the pace of two nodes' clocks may differ for lease reads to be
 *     linearizable
 * @param handoverTimeout a leader that is closed hands its office over first, and waits this long for it at most; zero for not
 *     at all
 * @param seed of the random election timeouts; drawn from the system when empty
 */
public record RaftOptions(
        Duration heartbeatInterval,
        Duration electionTimeout,
        int inboxCapacity,
        long inboxBytes,
        int maxCommandBytes,
        int maxPendingProposals,
        int maxPendingReads,
        long maxUncommittedBytes,
        long maxCachedBytes,
        CompactionPolicy compaction,
        long maxSnapshotBytesPerSecond,
        Duration snapshotTimeout,
        int electionPriority,
        int maxClockDriftPercent,
        Duration handoverTimeout,
        OptionalLong seed) {
    /** A command may carry a value of 1 MiB; the rest is for its envelope. */
    public static final int DEFAULT_MAX_COMMAND_BYTES = (1 << 20) + (4 << 10);

    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final long MOST_BYTES = 1L << 40;

    /** Half of what the adapters of log and network take at once, their own overhead included. */
    private static final int MOST_COMMAND_BYTES = 4 << 20;

    /** The defaults. */
    public static final RaftOptions DEFAULT = builder().build();

    public RaftOptions {
        checkDuration("heartbeatInterval", heartbeatInterval);
        checkDuration("electionTimeout", electionTimeout);
        if (electionTimeout.compareTo(heartbeatInterval.multipliedBy(2)) < 0) {
            throw new IllegalArgumentException("electionTimeout must be at least twice heartbeatInterval, but "
                    + electionTimeout.toMillis() + "ms is not twice " + heartbeatInterval.toMillis() + "ms");
        }
        checkRange("inboxCapacity", inboxCapacity, 16, 1 << 20);
        checkRange("maxCommandBytes", maxCommandBytes, 1, MOST_COMMAND_BYTES);
        checkRange("inboxBytes", inboxBytes, 2L * maxCommandBytes, MOST_BYTES);
        checkRange("maxPendingProposals", maxPendingProposals, 1, Budget.LARGEST_COUNT);
        checkRange("maxPendingReads", maxPendingReads, 1, Budget.LARGEST_COUNT);
        checkRange("maxUncommittedBytes", maxUncommittedBytes, maxCommandBytes, MOST_BYTES);
        checkRange("maxCachedBytes", maxCachedBytes, 1, MOST_BYTES);
        Objects.requireNonNull(compaction, "compaction");
        checkRange("maxSnapshotBytesPerSecond", maxSnapshotBytesPerSecond, 1 << 10, MOST_BYTES);
        checkDuration("snapshotTimeout", snapshotTimeout);
        checkRange("electionPriority", electionPriority, 1, CoreOptions.HIGHEST_PRIORITY);
        checkRange("maxClockDriftPercent", maxClockDriftPercent, 0, 50);
        if (!handoverTimeout.isZero()) {
            checkDuration("handoverTimeout", handoverTimeout);
        }
        Objects.requireNonNull(seed, "seed");
    }

    /** Begins with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    private static void checkDuration(String option, Duration value) {
        Objects.requireNonNull(value, option);
        if (value.compareTo(Duration.ofMillis(1)) < 0 || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(option + " must be from 1 ms to 10 minutes, not " + value);
        }
    }

    private static void checkRange(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(option + " must be from " + least + " to " + most + ", not " + value);
        }
    }

    /** Collects options. */
    public static final class Builder {
        private Duration heartbeatInterval = Duration.ofMillis(100);
        private Duration electionTimeout = Duration.ofMillis(500);
        private int inboxCapacity = 8 << 10;
        private long inboxBytes = 64L << 20;
        private int maxCommandBytes = DEFAULT_MAX_COMMAND_BYTES;
        private int maxPendingProposals = 32 << 10;
        private int maxPendingReads = 32 << 10;
        private long maxUncommittedBytes = 64L << 20;
        private long maxCachedBytes = CoreOptions.USUAL_CACHED_BYTES;
        private CompactionPolicy compaction = CompactionPolicy.DEFAULT;
        private long maxSnapshotBytesPerSecond = 64L << 20;
        private Duration snapshotTimeout = Duration.ofSeconds(30);
        private int electionPriority = CoreOptions.HIGHEST_PRIORITY;
        private int maxClockDriftPercent = CoreOptions.USUAL_CLOCK_DRIFT_PERCENT;
        private Duration handoverTimeout = Duration.ZERO;
        private OptionalLong seed = OptionalLong.empty();

        private Builder() {}

        /** See {@link RaftOptions#heartbeatInterval()}. */
        public Builder heartbeatInterval(Duration value) {
            heartbeatInterval = value;
            return this;
        }

        /** See {@link RaftOptions#electionTimeout()}. */
        public Builder electionTimeout(Duration value) {
            electionTimeout = value;
            return this;
        }

        /** See {@link RaftOptions#inboxCapacity()}. */
        public Builder inboxCapacity(int value) {
            inboxCapacity = value;
            return this;
        }

        /** See {@link RaftOptions#inboxBytes()}. */
        public Builder inboxBytes(long value) {
            inboxBytes = value;
            return this;
        }

        /** See {@link RaftOptions#maxCommandBytes()}. */
        public Builder maxCommandBytes(int value) {
            maxCommandBytes = value;
            return this;
        }

        /** See {@link RaftOptions#maxPendingProposals()}. */
        public Builder maxPendingProposals(int value) {
            maxPendingProposals = value;
            return this;
        }

        /** See {@link RaftOptions#maxPendingReads()}. */
        public Builder maxPendingReads(int value) {
            maxPendingReads = value;
            return this;
        }

        /** See {@link RaftOptions#maxUncommittedBytes()}. */
        public Builder maxUncommittedBytes(long value) {
            maxUncommittedBytes = value;
            return this;
        }

        /** See {@link RaftOptions#maxCachedBytes()}. */
        public Builder maxCachedBytes(long value) {
            maxCachedBytes = value;
            return this;
        }

        /** See {@link RaftOptions#compaction()}. */
        public Builder compaction(CompactionPolicy value) {
            compaction = value;
            return this;
        }

        /** See {@link RaftOptions#maxSnapshotBytesPerSecond()}. */
        public Builder maxSnapshotBytesPerSecond(long value) {
            maxSnapshotBytesPerSecond = value;
            return this;
        }

        /** See {@link RaftOptions#snapshotTimeout()}. */
        public Builder snapshotTimeout(Duration value) {
            snapshotTimeout = value;
            return this;
        }

        /** See {@link RaftOptions#electionPriority()}. */
        public Builder electionPriority(int value) {
            electionPriority = value;
            return this;
        }

        /** See {@link RaftOptions#maxClockDriftPercent()}. */
        public Builder maxClockDriftPercent(int value) {
            maxClockDriftPercent = value;
            return this;
        }

        /** See {@link RaftOptions#handoverTimeout()}. */
        public Builder handoverTimeout(Duration value) {
            handoverTimeout = value;
            return this;
        }

        /** See {@link RaftOptions#seed()}. */
        public Builder seed(long value) {
            seed = OptionalLong.of(value);
            return this;
        }

        /** Fails with an {@link IllegalArgumentException} that names the option if one is out of its range. */
        public RaftOptions build() {
            return new RaftOptions(
                    heartbeatInterval,
                    electionTimeout,
                    inboxCapacity,
                    inboxBytes,
                    maxCommandBytes,
                    maxPendingProposals,
                    maxPendingReads,
                    maxUncommittedBytes,
                    maxCachedBytes,
                    compaction,
                    maxSnapshotBytesPerSecond,
                    snapshotTimeout,
                    electionPriority,
                    maxClockDriftPercent,
                    handoverTimeout,
                    seed);
        }
    }
}
