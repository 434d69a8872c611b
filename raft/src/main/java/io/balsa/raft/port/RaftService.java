package io.balsa.raft.port;

import java.util.concurrent.CompletableFuture;

/** One server as its clients see it: in this process, or behind a connection. Thread-safe. */
public interface RaftService {
    /**
     * Sends a request.
     *
     * @return always completed normally, in the end: every failure is one of the responses. It may be completed on a
     *     thread of Raft or of the network, so whoever continues it must not block there
     */
    CompletableFuture<ClientResponse> submit(ClientRequest request);
}
