package io.balsa.server.support;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.raft.adapter.HostAndPort;
import io.balsa.raft.adapter.NettyRaftService;
import io.balsa.raft.adapter.ServiceConnectionLimits;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.NodeStatus;
import io.balsa.raft.port.ReadConsistency;
import io.balsa.statemachine.proto.Answer;
import io.balsa.statemachine.proto.GetKey;
import io.balsa.statemachine.proto.KeyState;
import io.balsa.statemachine.proto.Query;
import java.util.Optional;

/** What one node itself says, without asking the others. */
public final class NodeView implements AutoCloseable {
    private static final long TIMEOUT_MILLIS = 5_000;

    private final NettyRaftService service;

    NodeView(String address) {
        service = new NettyRaftService(
                HostAndPort.parse(address),
                "",
                ServiceConnectionLimits.DEFAULT
                        .withRequestTimeoutMillis(TIMEOUT_MILLIS)
                        .withConnectTimeoutMillis(TIMEOUT_MILLIS));
    }

    /** Its status; empty when it does not answer. */
    public Optional<NodeStatus> status() {
        return service.submit(new ClientRequest.Status()).join() instanceof ClientResponse.Status status
                ? Optional.of(status.status())
                : Optional.empty();
    }

    /** A key as this node has applied it. */
    public KeyState local(String key) {
        Query query = Query.newBuilder()
                .setVersion(1)
                .setGetKey(GetKey.newBuilder().setKey(key))
                .build();
        ClientResponse response = service.submit(
                        new ClientRequest.Read(ReadConsistency.LOCAL, 0, query.toByteArray(), TIMEOUT_MILLIS))
                .join();
        assertThat(response).as("local read of %s", key).isInstanceOf(ClientResponse.Answer.class);
        try {
            return Answer.parseFrom(((ClientResponse.Answer) response).answer()).getKeyState();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        service.close();
    }
}
