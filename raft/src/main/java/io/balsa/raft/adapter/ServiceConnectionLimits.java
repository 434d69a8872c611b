package io.balsa.raft.adapter;

/**
 * The bounds of a {@link NettyRaftService}.
 *
 * @param maxFrameBytes the largest request, and the largest answer
 * @param maxRequests at most this many unanswered requests
 * @param maxRequestBytes at most this many bytes of unanswered requests
 * @param requestTimeoutMillis how long an answer may take, beyond the time that a read itself may wait
 * @param connectTimeoutMillis a connection attempt ends after this time
 * @param handshakeTimeoutMillis a server that has not answered Hello by then is given up
 * @param keepAliveMillis how often a connection is tried out; one that is silent for three times this time is dead
 * @param retryMillis for this time after a failed attempt to connect, requests fail at once
 */
public record ServiceConnectionLimits(
        int maxFrameBytes,
        int maxRequests,
        long maxRequestBytes,
        long requestTimeoutMillis,
        long connectTimeoutMillis,
        long handshakeTimeoutMillis,
        long keepAliveMillis,
        long retryMillis) {
    /** The usual bounds. */
    public static final ServiceConnectionLimits DEFAULT =
            new ServiceConnectionLimits(4 << 20, 4096, 32L << 20, 5_000, 2_000, 5_000, 5_000, 50);

    public ServiceConnectionLimits {
        if (maxFrameBytes < Handshake.MAX_FRAME_BYTES) {
            throw new IllegalArgumentException("maxFrameBytes is at least " + Handshake.MAX_FRAME_BYTES);
        }
        if (maxRequests < 1 || maxRequestBytes < 1) {
            throw new IllegalArgumentException("the number and the bytes of requests have a positive bound");
        }
        if (requestTimeoutMillis < 1
                || connectTimeoutMillis < 1
                || handshakeTimeoutMillis < 1
                || keepAliveMillis < 1
                || retryMillis < 0) {
            throw new IllegalArgumentException("a timeout is positive");
        }
    }

    /** The same with another timeout for requests. */
    public ServiceConnectionLimits withRequestTimeoutMillis(long millis) {
        return new ServiceConnectionLimits(
                maxFrameBytes,
                maxRequests,
                maxRequestBytes,
                millis,
                connectTimeoutMillis,
                handshakeTimeoutMillis,
                keepAliveMillis,
                retryMillis);
    }

    /** The same with another timeout for connection attempts. */
    public ServiceConnectionLimits withConnectTimeoutMillis(long millis) {
        return new ServiceConnectionLimits(
                maxFrameBytes,
                maxRequests,
                maxRequestBytes,
                requestTimeoutMillis,
                millis,
                handshakeTimeoutMillis,
                keepAliveMillis,
                retryMillis);
    }
}
