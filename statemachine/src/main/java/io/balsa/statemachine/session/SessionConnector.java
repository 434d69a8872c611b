package io.balsa.statemachine.session;

import io.balsa.raft.adapter.HostAndPort;
import io.balsa.raft.adapter.NettyRaftService;
import io.balsa.raft.adapter.NetworkThreads;
import io.balsa.raft.adapter.ServiceConnectionLimits;
import io.balsa.raft.client.RaftClient;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Opens sessions over the network. */
final class SessionConnector {
    private static final Duration LONGEST_ATTEMPT = Duration.ofSeconds(2);

    private SessionConnector() {}

    static Session connect(String addresses, SessionOptions options) {
        List<String> servers = Arrays.stream(addresses.split(",", -1))
                .map(address -> HostAndPort.parse(address.strip()).toString())
                .toList();
        ServiceConnectionLimits limits = ServiceConnectionLimits.DEFAULT.withRequestTimeoutMillis(
                options.requestTimeout().toMillis());
        NetworkThreads threads = NetworkThreads.create("session", 1);
        RaftClient client = RaftClient.builder()
                .name("session")
                .addresses(servers)
                .connector(address ->
                        new NettyRaftService(HostAndPort.parse(address), options.clusterId(), limits, threads))
                .executor(Runnable::run)
                .attemptTimeout(attemptTimeout(options))
                .build();
        Runnable closeClient = () -> {
            client.close();
            threads.close();
        };
        return ClientSession.open(
                client, closeClient, options, new SessionThreads(System::nanoTime, Optional.of(threads.taskLoop())));
    }

    /** Short enough that another server can be tried before the request's time is over. */
    private static Duration attemptTimeout(SessionOptions options) {
        Duration half = ClientSession.atLeastOneMilli(options.requestTimeout().dividedBy(2));
        return half.compareTo(LONGEST_ATTEMPT) < 0 ? half : LONGEST_ATTEMPT;
    }
}
