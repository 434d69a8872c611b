package io.balsa.raft.adapter;

/**
 * The bounds of a {@link NettyTransport}.
 *
 * @param maxFrameBytes the largest message; must exceed the largest command plus what one message batches
 * @param maxQueuedMessages at most this many messages wait for one peer
 * @param maxQueuedBytes at most about this many bytes of messages wait for one peer
 * @param maxConnections at most this many inbound connections, those before their handshake included
 * @param connectTimeoutMillis a connection attempt ends after this time
 * @param handshakeTimeoutMillis who has not said or answered Hello by then is disconnected
 * @param idleTimeoutMillis a connection on which nothing arrives for this time is dead; at least 4
 * @param minBackoffMillis about how long the first pause between connection attempts is
 * @param maxBackoffMillis the longest pause between connection attempts
 */
public record TransportLimits(
        int maxFrameBytes,
        int maxQueuedMessages,
        long maxQueuedBytes,
        int maxConnections,
        long connectTimeoutMillis,
        long handshakeTimeoutMillis,
        long idleTimeoutMillis,
        long minBackoffMillis,
        long maxBackoffMillis) {
    /** The usual bounds. */
    public static final TransportLimits DEFAULT =
            new TransportLimits(8 << 20, 4096, 32L << 20, 256, 2_000, 5_000, 5_000, 25, 1_000);

    public TransportLimits {
        if (maxFrameBytes < Handshake.MAX_FRAME_BYTES) {
            throw new IllegalArgumentException("maxFrameBytes is at least " + Handshake.MAX_FRAME_BYTES);
        }
        if (maxQueuedMessages < 1 || maxQueuedBytes < 1 || maxConnections < 1) {
            throw new IllegalArgumentException("a queue and a number of connections have a positive bound");
        }
        if (connectTimeoutMillis < 1 || handshakeTimeoutMillis < 1 || idleTimeoutMillis < 4) {
            throw new IllegalArgumentException("a timeout is positive, and idleTimeoutMillis at least 4");
        }
        if (minBackoffMillis < 1 || maxBackoffMillis < minBackoffMillis) {
            throw new IllegalArgumentException("0 < minBackoffMillis <= maxBackoffMillis");
        }
    }

    /** The same with another timeout for connection attempts. */
    public TransportLimits withConnectTimeoutMillis(long millis) {
        return new TransportLimits(
                maxFrameBytes,
                maxQueuedMessages,
                maxQueuedBytes,
                maxConnections,
                millis,
                handshakeTimeoutMillis,
                idleTimeoutMillis,
                minBackoffMillis,
                maxBackoffMillis);
    }

    /** The same with another time for the greeting. */
    public TransportLimits withHandshakeTimeoutMillis(long millis) {
        return new TransportLimits(
                maxFrameBytes,
                maxQueuedMessages,
                maxQueuedBytes,
                maxConnections,
                connectTimeoutMillis,
                millis,
                idleTimeoutMillis,
                minBackoffMillis,
                maxBackoffMillis);
    }
}
