package io.balsa.simulation;

import io.balsa.raft.adapter.ClientCodec;
import io.balsa.raft.adapter.MalformedFrameException;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;

/** Requests and answers as the bytes that they are on the way. */
final class ClientFrames {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private ClientFrames() {}

    static byte[] encode(ClientRequest request) {
        return ClientCodec.encode(1, request);
    }

    static byte[] encode(ClientResponse response) {
        return ClientCodec.encode(1, response);
    }

    static ClientRequest request(byte[] bytes) {
        try {
            return ClientCodec.decodeRequest(bytes);
        } catch (MalformedFrameException e) {
            throw new IllegalStateException("a client sends what no server can read", e);
        }
    }

    static ClientResponse response(byte[] bytes) {
        try {
            return ClientCodec.decodeResponse(bytes);
        } catch (MalformedFrameException e) {
            throw new IllegalStateException("a server sends what no client can read", e);
        }
    }

    /** How long the server may keep a request. */
    static long patienceNanos(ClientRequest request) {
        return request instanceof ClientRequest.Read read ? read.timeoutMillis() * NANOS_PER_MILLI : 0;
    }
}
