package io.balsa.server.demo;

import io.balsa.raft.adapter.HostAndPort;
import io.balsa.raft.adapter.NettyRaftService;
import io.balsa.raft.adapter.NetworkThreads;
import io.balsa.raft.adapter.ServiceConnectionLimits;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.NodeStatus;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks nodes for their status, over one connection to each. Thread-safe. */
final class NodeProbe implements DemoCluster.StatusProbe, AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    private final NetworkThreads threads = NetworkThreads.create("demo-probe", 1);
    private final Map<String, NettyRaftService> services = new ConcurrentHashMap<>();

    @Override
    public Optional<NodeStatus> status(String clientAddress) {
        NettyRaftService service = services.computeIfAbsent(clientAddress, this::connect);
        try {
            ClientResponse response =
                    service.submit(new ClientRequest.Status()).get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            return response instanceof ClientResponse.Status answer ? Optional.of(answer.status()) : Optional.empty();
        } catch (ExecutionException | TimeoutException e) {
            return Optional.empty(); // A node that does not answer in time is down, as far as the demo is concerned.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        services.values().forEach(NettyRaftService::close);
        threads.close();
    }

    private NettyRaftService connect(String clientAddress) {
        return new NettyRaftService(HostAndPort.parse(clientAddress), "demo", ServiceConnectionLimits.DEFAULT, threads);
    }
}
