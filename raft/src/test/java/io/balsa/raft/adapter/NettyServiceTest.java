package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.RaftService;
import io.balsa.raft.port.ReadConsistency;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A service behind the client port gives what it gives in process, and says truly what a broken connection means. */
@Timeout(120)
class NettyServiceTest {
    private static final NodeIdentity SERVER =
            NodeIdentity.ofThisRun("test", NodeId.of("n1"), NodeIdentity.randomId(), "n1.example:7000");
    private static final HostAndPort ANY_PORT = new HostAndPort("127.0.0.1", 0);
    private static final ServiceConnectionLimits LIMITS = ServiceConnectionLimits.DEFAULT;

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void endAll() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    private NettyServiceServer serve(RaftService service) {
        return serve(service, ServiceLimits.DEFAULT);
    }

    private NettyServiceServer serve(RaftService service, ServiceLimits limits) {
        NettyServiceServer server = new NettyServiceServer(SERVER, ANY_PORT, service, limits);
        open.add(server);
        return server;
    }

    private NettyRaftService connect(NettyServiceServer server) {
        return connect(server, LIMITS);
    }

    private NettyRaftService connect(NettyServiceServer server, ServiceConnectionLimits limits) {
        NettyRaftService client = new NettyRaftService(new HostAndPort("127.0.0.1", server.port()), "", limits);
        open.add(client);
        return client;
    }

    private static ClientResponse get(CompletableFuture<ClientResponse> answer) throws Exception {
        return answer.get(30, TimeUnit.SECONDS);
    }

    private static ClientRequest.Propose propose(int number) {
        return new ClientRequest.Propose(new byte[] {(byte) number});
    }

    private static ClientRequest.Read read(long timeoutMillis) {
        return new ClientRequest.Read(ReadConsistency.LINEARIZABLE, 0, new byte[0], timeoutMillis);
    }

    @Test
    void carriesEveryRequestAndEveryResponse() throws Exception {
        long seed = ThreadLocalRandom.current().nextLong();
        System.out.println("carriesEveryRequestAndEveryResponse: seed " + seed);
        RandomFrames random = new RandomFrames(seed);
        FakeService service = FakeService.parkingAll();
        NettyRaftService client = connect(serve(service));
        for (ClientRequest request : random.everyRequest()) {
            for (ClientResponse response : random.everyResponse()) {
                CompletableFuture<ClientResponse> answer = client.submit(request);
                FakeService.Parked parked = service.parked.take();
                assertThat(parked.request()).usingRecursiveComparison().isEqualTo(request);
                parked.answer().complete(response);
                assertThat(get(answer)).usingRecursiveComparison().isEqualTo(response);
            }
        }
        assertThat(client.serverNodeId()).contains(NodeId.of("n1"));
        assertThat(client.serverClusterId()).contains("test");
        assertThat(client.serverClientAddress()).isEqualTo("n1.example:7000");
    }

    @Test
    void answersMayOvertakeEachOther() throws Exception {
        FakeService service = FakeService.parkingAll();
        NettyRaftService client = connect(serve(service));
        List<CompletableFuture<ClientResponse>> answers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            answers.add(client.submit(propose(i)));
        }
        List<FakeService.Parked> parked = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            parked.add(service.parked.take());
            assertThat(((ClientRequest.Propose) parked.get(i).request()).command())
                    .containsExactly(i);
        }
        for (int i = 99; i >= 0; i--) {
            parked.get(i).answer().complete(new ClientResponse.Applied(i + 1, new byte[0]));
            assertThat(((ClientResponse.Applied) get(answers.get(i))).index()).isEqualTo(i + 1);
        }
    }

    @Test
    @Tag("case-60")
    void aLostConnectionMeansUnknownForAWrittenCommandAndUnavailableForARead() throws Exception {
        FakeService service = FakeService.parkingAll();
        NettyServiceServer server = serve(service, withCloseTimeout(0));
        NettyRaftService client = connect(server);
        CompletableFuture<ClientResponse> command = client.submit(propose(1));
        CompletableFuture<ClientResponse> waiting = client.submit(read(60_000));
        service.parked.take();
        service.parked.take();
        server.close();
        assertThat(get(command)).isInstanceOf(ClientResponse.Unknown.class);
        assertThat(get(waiting)).isInstanceOf(ClientResponse.Unavailable.class);
        // Both answers may have come before the end of the connection: then this is what ends with it.
        assertThat(get(client.submit(read(60_000)))).isInstanceOf(ClientResponse.Unavailable.class);
        assertThat(get(client.submit(propose(2)))).isInstanceOf(ClientResponse.Unavailable.class);
    }

    @Test
    @Tag("case-60")
    void noAnswerInTimeMeansUnknownForACommandAndTimedOutForARead() throws Exception {
        FakeService service = FakeService.parkingAll();
        NettyRaftService client = connect(serve(service), LIMITS.withRequestTimeoutMillis(50));
        awaitConnected(client, service);
        assertThat(get(client.submit(propose(1)))).isInstanceOf(ClientResponse.Unknown.class);
        assertThat(get(client.submit(read(10)))).isInstanceOf(ClientResponse.ReadTimedOut.class);
        assertThat(get(client.submit(new ClientRequest.Status()))).isInstanceOf(ClientResponse.Unavailable.class);
        // Late answers are nobody's, and harm no later one.
        service.parked.take().answer().complete(new ClientResponse.Applied(1, new byte[0]));
        service.parked.take().answer().complete(new ClientResponse.Busy());
        service.parked.take().answer().complete(new ClientResponse.Busy());
        CompletableFuture<ClientResponse> next = client.submit(propose(2));
        service.parked.take().answer().complete(new ClientResponse.NotLeader(Optional.empty()));
        assertThat(get(next)).isInstanceOfAny(ClientResponse.NotLeader.class, ClientResponse.Unknown.class);
    }

    @Test
    void eachRequestHasItsOwnTimeAlsoBehindALongerOne() throws Exception {
        FakeService service = FakeService.parkingAll();
        NettyRaftService client = connect(serve(service), LIMITS.withRequestTimeoutMillis(50));
        awaitConnected(client, service);
        CompletableFuture<ClientResponse> longest = client.submit(read(TimeUnit.HOURS.toMillis(1)));
        for (int i = 1; i <= 3; i++) {
            CompletableFuture<ClientResponse> longer = client.submit(read(100));
            assertThat(get(client.submit(propose(i)))).isInstanceOf(ClientResponse.Unknown.class);
            assertThat(get(longer)).isInstanceOf(ClientResponse.ReadTimedOut.class);
        }
        assertThat(longest).isNotDone();
        client.close();
        assertThat(get(longest)).isInstanceOf(ClientResponse.Unavailable.class);
    }

    /** Until a request gets through and back: as long as there is no connection, what is asked is certainly not applied. */
    private static void awaitConnected(NettyRaftService client, FakeService service) {
        await().until(() -> {
            CompletableFuture<ClientResponse> answer = client.submit(propose(0));
            FakeService.Parked parked = service.parked.poll(1, TimeUnit.SECONDS);
            if (parked != null) {
                parked.answer().complete(new ClientResponse.Applied(1, new byte[0]));
            }
            return get(answer) instanceof ClientResponse.Applied;
        });
    }

    @Test
    void nobodyThereMeansUnavailable() throws Exception {
        NettyServiceServer server = serve(FakeService.echo());
        NettyRaftService client = connect(server);
        server.close();
        assertThat(get(client.submit(propose(1)))).isInstanceOf(ClientResponse.Unavailable.class);
    }

    @Test
    void connectsAgainWhenTheServerIsBack() throws Exception {
        NettyServiceServer server = serve(FakeService.echo());
        NettyRaftService client = connect(server);
        assertThat(get(client.submit(propose(1)))).isInstanceOf(ClientResponse.Applied.class);
        server.close();
        await().until(() -> get(client.submit(propose(1))) instanceof ClientResponse.Unavailable);
        open.add(new NettyServiceServer(
                SERVER, new HostAndPort("127.0.0.1", server.port()), FakeService.echo(), ServiceLimits.DEFAULT));
        await().until(() -> get(client.submit(propose(1))) instanceof ClientResponse.Applied);
    }

    @Test
    void aServerThatStopsAnswersWhatItCan() throws Exception {
        FakeService service = FakeService.parkingAll();
        NettyServiceServer server = serve(service, withCloseTimeout(30_000));
        NettyRaftService client = connect(server);
        CompletableFuture<ClientResponse> command = client.submit(propose(1));
        CompletableFuture<ClientResponse> waiting = client.submit(read(60_000));
        FakeService.Parked parked = service.parked.take();
        service.parked.take();
        Thread closer = new Thread(server::close);
        closer.start();
        assertThat(get(waiting)).isInstanceOf(ClientResponse.Unavailable.class);
        parked.answer().complete(new ClientResponse.Applied(7, new byte[0]));
        assertThat(get(command)).isInstanceOf(ClientResponse.Applied.class);
        closer.join();
    }

    @Test
    void aServiceThatFailsLeavesTheOutcomeOfACommandOpen() throws Exception {
        NettyRaftService client = connect(serve(request -> {
            throw new IllegalStateException("planted");
        }));
        assertThat(get(client.submit(propose(1)))).isInstanceOf(ClientResponse.Unknown.class);
        assertThat(get(client.submit(read(10)))).isInstanceOf(ClientResponse.Unavailable.class);
    }

    @Test
    @Tag("case-88")
    void tooManyRequestsOfOneConnectionAreBusy() throws Exception {
        FakeService service = FakeService.parkingAll();
        NettyServiceServer server = serve(service, limits(2, 1 << 20, 1 << 20));
        NettyRaftService client = connect(server);
        CompletableFuture<ClientResponse> first = client.submit(propose(1));
        CompletableFuture<ClientResponse> second = client.submit(propose(2));
        assertThat(get(client.submit(propose(3)))).isInstanceOf(ClientResponse.Busy.class);
        assertThat(first).isNotDone();
        assertThat(second).isNotDone();
        NettyRaftService other = connect(server);
        CompletableFuture<ClientResponse> otherAnswer = other.submit(propose(4));
        service.parked.take().answer().complete(new ClientResponse.Busy());
        service.parked.take().answer().complete(new ClientResponse.Busy());
        service.parked.take().answer().complete(new ClientResponse.Applied(1, new byte[0]));
        assertThat(get(otherAnswer)).isInstanceOf(ClientResponse.Applied.class);
        CompletableFuture<ClientResponse> again = client.submit(propose(5));
        service.parked.take().answer().complete(new ClientResponse.Applied(2, new byte[0]));
        assertThat(get(again)).isInstanceOf(ClientResponse.Applied.class);
    }

    @Test
    @Tag("case-88")
    void tooManyBytesOfRequestsAreBusyOnBothSides() throws Exception {
        FakeService service = FakeService.parkingAll();
        NettyServiceServer server = serve(service, limits(100, 1000, 1 << 20));
        NettyRaftService client = connect(server);
        CompletableFuture<ClientResponse> waiting = client.submit(new ClientRequest.Propose(new byte[600]));
        service.parked.take();
        assertThat(get(connect(server).submit(new ClientRequest.Propose(new byte[600]))))
                .isInstanceOf(ClientResponse.Busy.class);
        assertThat(waiting).isNotDone();
        NettyRaftService small =
                connect(server, new ServiceConnectionLimits(8192, 1, 8192, 5_000, 5_000, 5_000, 5_000, 0));
        CompletableFuture<ClientResponse> first = small.submit(propose(1));
        assertThat(get(small.submit(propose(2)))).isInstanceOf(ClientResponse.Busy.class);
        service.parked.take().answer().complete(new ClientResponse.Applied(1, new byte[0]));
        assertThat(get(first)).isInstanceOf(ClientResponse.Applied.class);
    }

    @Test
    void whatIsLargerThanAFrameIsInvalidAndHarmsNothing() throws Exception {
        FakeService service = FakeService.parkingAll();
        NettyServiceServer server = serve(service);
        NettyRaftService client = connect(server);
        assertThat(get(client.submit(new ClientRequest.Propose(new byte[5 << 20]))))
                .isInstanceOf(ClientResponse.Invalid.class);
        CompletableFuture<ClientResponse> reading = client.submit(read(60_000));
        service.parked.take().answer().complete(new ClientResponse.Answer(1, new byte[5 << 20]));
        assertThat(get(reading)).isInstanceOf(ClientResponse.Invalid.class);
        CompletableFuture<ClientResponse> command = client.submit(propose(1));
        service.parked.take().answer().complete(new ClientResponse.Applied(1, new byte[5 << 20]));
        assertThat(get(command)).isInstanceOf(ClientResponse.Unknown.class);
    }

    @Test
    @Tag("case-92")
    void aPortInUseIsNamed() {
        NettyServiceServer server = serve(FakeService.echo());
        HostAndPort taken = new HostAndPort("127.0.0.1", server.port());
        assertThatThrownBy(() -> new NettyServiceServer(SERVER, taken, FakeService.echo(), ServiceLimits.DEFAULT))
                .isInstanceOf(UncheckedIOException.class)
                .hasCauseInstanceOf(BindException.class)
                .hasMessageContaining(taken.toString());
        assertThat(threads("balsa-network-n1-clients")).hasSize(1);
    }

    @Test
    void endsAllThreadsAndMayBeClosedTwice() throws Exception {
        NettyServiceServer server = serve(FakeService.echo());
        NettyRaftService client = connect(server);
        assertThat(get(client.submit(propose(1)))).isInstanceOf(ClientResponse.Applied.class);
        assertThat(threads("balsa-network-client")).isNotEmpty();
        client.close();
        client.close();
        assertThat(threads("balsa-network-client")).isEmpty();
        assertThat(get(client.submit(propose(1)))).isInstanceOf(ClientResponse.Unavailable.class);
        server.close();
        server.close();
        assertThat(threads("balsa-network-n1-clients")).isEmpty();
    }

    @Test
    void sharedThreadsStay() throws Exception {
        try (NetworkThreads threads = NetworkThreads.create("shared", 2)) {
            for (int i = 0; i < 2; i++) {
                try (NettyServiceServer server = new NettyServiceServer(
                                SERVER, ANY_PORT, FakeService.echo(), ServiceLimits.DEFAULT, threads);
                        NettyRaftService client = new NettyRaftService(
                                new HostAndPort("127.0.0.1", server.port()), "test", LIMITS, threads)) {
                    assertThat(get(client.submit(propose(1)))).isInstanceOf(ClientResponse.Applied.class);
                }
            }
        }
        assertThat(threads("balsa-network-shared")).isEmpty();
    }

    private static ServiceLimits withCloseTimeout(long millis) {
        return new ServiceLimits(4 << 20, 100, 100, 1 << 20, 1 << 20, 5_000, 60_000, millis);
    }

    private static ServiceLimits limits(int requests, long requestBytes, long unsentBytes) {
        return new ServiceLimits(4 << 20, 100, requests, requestBytes, unsentBytes, 5_000, 60_000, 100);
    }

    private static List<String> threads(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(thread -> thread.contains(name))
                .toList();
    }
}
