package io.balsa.raft.core;

import java.util.List;
import java.util.Objects;
import java.util.TreeSet;

/**
 * How a {@link RaftCore} is set up.
 *
 * @param self this server
 * @param voters all voting members, this server among them
 * @param heartbeatMillis a leader that has nothing else to send sends a heartbeat this often; at least 1
 * @param electionTimeoutMillis a follower that hears of no leader for a random time from this to its double campaigns;
 *     more than {@code heartbeatMillis}
 * @param seed of the random election timeouts; different on each server
 * @param maxMessageBytes at most this many bytes of entries in one message; one entry may be larger
 * @param maxInflightMessages at most this many unacknowledged messages with entries to one follower
 * @param maxUncommittedBytes a leader refuses proposals while this many bytes wait to be committed
 * @param maxPendingReads a leader refuses reads while this many wait for confirmation
 * @param maxCachedBytes entries kept in memory after they are durable, for followers and for applying
 */
public record CoreOptions(
        NodeId self,
        List<NodeId> voters,
        long heartbeatMillis,
        long electionTimeoutMillis,
        long seed,
        long maxMessageBytes,
        int maxInflightMessages,
        long maxUncommittedBytes,
        int maxPendingReads,
        long maxCachedBytes) {

    /** Usual for {@link #maxMessageBytes()}. */
    public static final long USUAL_MESSAGE_BYTES = 1 << 20;

    /** Usual for {@link #maxInflightMessages()}. */
    public static final int USUAL_INFLIGHT_MESSAGES = 64;

    /** Usual for {@link #maxCachedBytes()}. */
    public static final long USUAL_CACHED_BYTES = 16L << 20;

    private static final long USUAL_UNCOMMITTED_BYTES = 64L << 20;
    private static final int USUAL_PENDING_READS = 16_384;

    /** Options with the usual bounds. */
    public static CoreOptions of(
            NodeId self, List<NodeId> voters, long heartbeatMillis, long electionTimeoutMillis, long seed) {
        return new CoreOptions(
                self,
                voters,
                heartbeatMillis,
                electionTimeoutMillis,
                seed,
                USUAL_MESSAGE_BYTES,
                USUAL_INFLIGHT_MESSAGES,
                USUAL_UNCOMMITTED_BYTES,
                USUAL_PENDING_READS,
                USUAL_CACHED_BYTES);
    }

    public CoreOptions {
        Objects.requireNonNull(self, "self");
        voters = List.copyOf(new TreeSet<>(voters));
        Invariant.check(voters.contains(self), "a server is among the voters of its group");
        Invariant.check(heartbeatMillis > 0, "the heartbeat interval is at least one millisecond");
        Invariant.check(electionTimeoutMillis > heartbeatMillis, "the election timeout exceeds the heartbeat interval");
        Invariant.check(maxMessageBytes > 0, "maxMessageBytes is positive");
        Invariant.check(maxInflightMessages > 0, "maxInflightMessages is positive");
        Invariant.check(maxUncommittedBytes > 0, "maxUncommittedBytes is positive");
        Invariant.check(maxPendingReads > 0, "maxPendingReads is positive");
        Invariant.check(maxCachedBytes > 0, "maxCachedBytes is positive");
    }
}
