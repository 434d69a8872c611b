package io.balsa.raft.core;

import java.util.List;
import java.util.Objects;

/**
 * How a {@link RaftCore} is set up.
 *
 * @param self this server
 * @param initialConfiguration the group's members until the log or a snapshot says otherwise, the same on all of them; {@link
 *     Configuration#EMPTY} for a server that joins a group
 * @param heartbeatMillis a leader that has nothing else to send sends a heartbeat this often; at least 1
 * @param electionTimeoutMillis a follower that hears of no leader for a random time from this to its double campaigns;
 *     more than {@code heartbeatMillis}
 * @param seed of the random election timeouts; different on each server
 * @param maxMessageBytes at most this many bytes of entries in one message; one entry may be larger
 * @param maxInflightMessages at most this many unacknowledged messages with entries to one follower
 * @param maxGatheringMillis so long at most do few entries wait for a follower's answer to those before them, to go out
 *     together with what comes meanwhile; 0 for not at all
 * @param maxUncommittedBytes a leader refuses proposals while this many bytes wait to be committed
 * @param maxPendingReads a leader refuses reads while this many wait for confirmation; some that came together count as one
 * @param maxCachedBytes entries kept in memory after they are durable, for followers and for applying
 * @param electionPriority from 1 to {@link #HIGHEST_PRIORITY}: the lower, the longer this server waits for others to
 *     campaign before it does, up to one more election timeout
 * @param maxClockDriftPercent from 0 to 50: by how much the pace of two servers' clocks may differ for lease reads to be
 *     linearizable; the lease is shorter than the election timeout by this
 */
public record CoreOptions(
        NodeId self,
        Configuration initialConfiguration,
        long heartbeatMillis,
        long electionTimeoutMillis,
        long seed,
        long maxMessageBytes,
        int maxInflightMessages,
        long maxGatheringMillis,
        long maxUncommittedBytes,
        int maxPendingReads,
        long maxCachedBytes,
        int electionPriority,
        int maxClockDriftPercent) {

    /** Usual for {@link #maxMessageBytes()}. */
    public static final long USUAL_MESSAGE_BYTES = 1 << 20;

    /** Usual for {@link #maxInflightMessages()}. */
    public static final int USUAL_INFLIGHT_MESSAGES = 64;

    /** Usual for {@link #maxGatheringMillis()}. */
    public static final long USUAL_GATHERING_MILLIS = 1;

    /** Usual for {@link #maxCachedBytes()}. */
    public static final long USUAL_CACHED_BYTES = 16L << 20;

    private static final long USUAL_UNCOMMITTED_BYTES = 64L << 20;
    private static final int USUAL_PENDING_READS = 16_384;

    /** The {@link #electionPriority()} of a server that campaigns as soon as it may; usual. */
    public static final int HIGHEST_PRIORITY = 100;

    /** Usual for {@link #maxClockDriftPercent()}. */
    public static final int USUAL_CLOCK_DRIFT_PERCENT = 10;

    /** Options with the usual bounds. */
    public static CoreOptions of(
            NodeId self, List<NodeId> voters, long heartbeatMillis, long electionTimeoutMillis, long seed) {
        return new CoreOptions(
                self,
                Configuration.of(voters),
                heartbeatMillis,
                electionTimeoutMillis,
                seed,
                USUAL_MESSAGE_BYTES,
                USUAL_INFLIGHT_MESSAGES,
                USUAL_GATHERING_MILLIS,
                USUAL_UNCOMMITTED_BYTES,
                USUAL_PENDING_READS,
                USUAL_CACHED_BYTES,
                HIGHEST_PRIORITY,
                USUAL_CLOCK_DRIFT_PERCENT);
    }

    public CoreOptions {
        Objects.requireNonNull(self, "self");
        Objects.requireNonNull(initialConfiguration, "initialConfiguration");
        Invariant.check(!initialConfiguration.isJoint(), "a group does not begin with a joint configuration");
        Invariant.check(
                initialConfiguration.isEmpty() || initialConfiguration.isMember(self),
                "a server is among the members of its group");
        Invariant.check(heartbeatMillis > 0, "the heartbeat interval is at least one millisecond");
        Invariant.check(electionTimeoutMillis > heartbeatMillis, "the election timeout exceeds the heartbeat interval");
        Invariant.check(maxMessageBytes > 0, "maxMessageBytes is positive");
        Invariant.check(maxInflightMessages > 0, "maxInflightMessages is positive");
        Invariant.check(maxGatheringMillis >= 0, "maxGatheringMillis is not negative");
        Invariant.check(maxUncommittedBytes > 0, "maxUncommittedBytes is positive");
        Invariant.check(maxPendingReads > 0, "maxPendingReads is positive");
        Invariant.check(maxCachedBytes > 0, "maxCachedBytes is positive");
        Invariant.check(
                electionPriority >= 1 && electionPriority <= HIGHEST_PRIORITY, "electionPriority is from 1 to 100");
        Invariant.check(
                maxClockDriftPercent >= 0 && maxClockDriftPercent <= 50, "maxClockDriftPercent is from 0 to 50");
    }
}
