package io.balsa.raft.adapter;

/**
 * The bounds of a {@link NettyServiceServer}.
 *
 * @param maxFrameBytes the largest request, and the largest answer
 * @param maxConnections at most this many clients, those before their handshake included
 * @param maxRequestsPerConnection at most this many unanswered requests of one client, parked reads included
 * @param maxRequestBytes at most this many bytes of unanswered requests of all clients together
 * @param maxUnsentBytes a client that lets more than this many bytes of answers pile up is disconnected
 * @param handshakeTimeoutMillis who has not said Hello by then is disconnected
 * @param idleTimeoutMillis who sends no whole frame for this time is disconnected
 * @param closeTimeoutMillis how long the end of the server waits for outstanding answers
 */
public record ServiceLimits(
        int maxFrameBytes,
        int maxConnections,
        int maxRequestsPerConnection,
        long maxRequestBytes,
        long maxUnsentBytes,
        long handshakeTimeoutMillis,
        long idleTimeoutMillis,
        long closeTimeoutMillis) {
    /** The usual bounds. */
    public static final ServiceLimits DEFAULT =
            new ServiceLimits(4 << 20, 4096, 4096, 64L << 20, 16L << 20, 5_000, 60_000, 1_000);

    public ServiceLimits {
        if (maxFrameBytes < Handshake.MAX_FRAME_BYTES) {
            throw new IllegalArgumentException("maxFrameBytes is at least " + Handshake.MAX_FRAME_BYTES);
        }
        if (maxConnections < 1 || maxRequestsPerConnection < 1 || maxRequestBytes < 1 || maxUnsentBytes < 1) {
            throw new IllegalArgumentException("every number and every queue has a positive bound");
        }
        if (handshakeTimeoutMillis < 1 || idleTimeoutMillis < 1 || closeTimeoutMillis < 0) {
            throw new IllegalArgumentException("a timeout is positive");
        }
    }
}
