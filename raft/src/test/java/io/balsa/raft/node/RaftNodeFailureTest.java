package io.balsa.raft.node;

import static io.balsa.raft.node.TestCluster.PATIENCE;
import static io.balsa.raft.node.TestCluster.text;
import static io.balsa.raft.node.TestMachine.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.balsa.raft.adapter.SystemClock;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.Ready;
import io.balsa.raft.core.Role;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.ReadConsistency;
import io.balsa.raft.port.StorageException;
import io.balsa.raft.port.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What becomes of nodes and of their clients' requests when something breaks. */
class RaftNodeFailureTest {
    @Test
    @Tag("case-6")
    @Tag("case-60")
    void aLeaderThatIsCutOffStepsDownAndCantTellWhatBecomesOfItsProposals() {
        try (TestCluster cluster = new TestCluster(3).start()) {
            TestCluster.Server old = cluster.awaitLeader();
            old.propose("add a");
            cluster.network.isolate(old.id);
            ClientResponse response = old.propose("add lost");
            assertThat(response).isInstanceOf(ClientResponse.Unknown.class);
            await().atMost(PATIENCE).until(() -> !old.leads());

            TestCluster.Server successor = TestCluster.awaitLeaderAmong(cluster.others(old));
            successor.propose("add b");
            cluster.network.heal();
            cluster.awaitWords("a", "b");
            assertThat(old.propose("add c")).isInstanceOf(ClientResponse.NotLeader.class);
        }
    }

    @Test
    @Tag("case-61")
    void aDeposedLeaderServesNoLinearizableRead() {
        try (TestCluster cluster = new TestCluster(3).start()) {
            TestCluster.Server old = cluster.awaitLeader();
            cluster.network.isolate(old.id);
            CompletableFuture<ClientResponse> read =
                    old.node.submit(new ClientRequest.Read(ReadConsistency.LINEARIZABLE, 0, bytes("list"), 60_000));
            TestCluster.Server successor = TestCluster.awaitLeaderAmong(cluster.others(old));
            successor.propose("add new");
            assertThat(read.orTimeout(30, TimeUnit.SECONDS).join()).isInstanceOf(ClientResponse.NotLeader.class);
            assertThat(old.read(ReadConsistency.LINEARIZABLE, "list")).isInstanceOf(ClientResponse.NotLeader.class);
            // What is stale by its nature is still served.
            assertThat(text(old.read(ReadConsistency.LOCAL, "list"))).isEmpty();
        }
    }

    @Test
    void aReadWhoseConfirmationDoesNotComeEndsInItsTime() {
        try (TestCluster cluster = new TestCluster(3).start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            cluster.network.isolate(leader.id);
            assertThat(leader.answer(new ClientRequest.Read(ReadConsistency.LINEARIZABLE, 0, bytes("list"), 20)))
                    .isInstanceOf(ClientResponse.ReadTimedOut.class);
        }
    }

    @Test
    @Tag("case-28")
    void aFailedSyncHaltsTheLeaderWithoutAnAcknowledgementAndTheOthersGoOn() {
        try (TestCluster cluster = new TestCluster(3).start()) {
            TestCluster.Server broken = cluster.awaitLeader();
            broken.propose("add a");
            // The others may have committed it without this disk, whose sync is then still to come.
            await().atMost(PATIENCE).until(() -> broken.log.syncedIndex() == broken.log.lastIndex());
            int syncs = broken.log.syncs();
            StorageException failure = new StorageException("input/output error");
            broken.log.failSyncsWith(failure);
            CompletableFuture<ClientResponse> proposed = broken.node.submit(new ClientRequest.Propose(bytes("add b")));

            assertHaltedBy(broken, failure);
            assertThat(broken.log.syncs()).as("nothing is tried again").isEqualTo(syncs + 1);
            // The others may have committed it without the broken disk; then that answer was quicker and is true.
            assertThat(proposed.join()).isInstanceOfAny(ClientResponse.Unknown.class, ClientResponse.Applied.class);
            assertThat(broken.transport.isClosed()).isTrue();
            assertThat(broken.propose("add c")).isInstanceOf(ClientResponse.Unavailable.class);
            TestCluster.Server successor = TestCluster.awaitLeaderAmong(cluster.others(broken));
            assertThat(successor.propose("add d")).isInstanceOf(ClientResponse.Applied.class);
        }
    }

    @Test
    @Tag("case-28")
    void aFailedSyncOfAnOnlyServerAcknowledgesNothing() {
        try (TestCluster cluster = new TestCluster(1).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            StorageException failure = new StorageException("input/output error");
            server.log.failSyncsWith(failure);
            assertThat(server.propose("add a")).isInstanceOf(ClientResponse.Unknown.class);
            assertHaltedBy(server, failure);
            assertThat(server.machine.words()).isEmpty();
        }
    }

    @Test
    @Tag("case-3")
    void aFailedSaveOfTheVoteHaltsBeforeAnythingThatDependsOnItLeaves() {
        TestCluster cluster = new TestCluster(3);
        List<Message> sent = new CopyOnWriteArrayList<>();
        TestHardState hardState = new TestHardState();
        StorageException failure = new StorageException("no space left on device");
        hardState.failWith(failure);
        TestNetwork.Endpoint endpoint = cluster.network.endpoint(NodeId.of("n1"));
        Transport spy = new Transport() {
            @Override
            public void start(Receiver receiver) {
                endpoint.start(receiver);
            }

            @Override
            public void send(Message message) {
                sent.add(message);
                endpoint.send(message);
            }

            @Override
            public void close() {
                endpoint.close();
            }
        };
        RaftNode node = RaftNode.builder(NodeId.of("n1"))
                .voters(cluster.servers.keySet())
                .log(new TestLog())
                .hardState(hardState)
                .transport(spy)
                .stateMachine(new TestMachine())
                .clock(SystemClock.INSTANCE)
                .options(TestCluster.options().build())
                .build();
        try (cluster;
                node) {
            // Two of three: either this one campaigns, or it is asked for its vote. Both begin with a save.
            cluster.start(cluster.server("n2"));
            node.start();
            assertThatThrownBy(
                            () -> node.halted().orTimeout(30, TimeUnit.SECONDS).join())
                    .hasCause(failure);
            assertThat(sent)
                    .noneMatch(message -> message instanceof Message.RequestVote
                            || (message instanceof Message.RequestVoteResponse response && response.granted()));
        }
    }

    @Test
    @Tag("case-94")
    void anExceptionOfTheStateMachineHaltsTheNode() {
        try (TestCluster cluster = new TestCluster(1).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            CompletableFuture<ClientResponse> parked =
                    server.node.submit(new ClientRequest.Read(ReadConsistency.LOCAL, 0, bytes("await 1"), 60_000));
            assertThat(server.propose("crash")).isInstanceOf(ClientResponse.Unknown.class);
            assertThat(parked.join()).isInstanceOf(ClientResponse.Unavailable.class);
            assertThatThrownBy(() ->
                            server.node.halted().orTimeout(30, TimeUnit.SECONDS).join())
                    .rootCause()
                    .hasMessageContaining("no such command");
            await().atMost(PATIENCE).until(() -> server.machine.parked() == 0);
        }
    }

    @Test
    @Tag("case-94")
    void outOfMemoryHaltsTheNode() {
        try (TestCluster cluster = new TestCluster(1).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            OutOfMemoryError error = new OutOfMemoryError("as if");
            server.machine.crashWith(error);
            assertThat(server.propose("add a")).isInstanceOf(ClientResponse.Unknown.class);
            assertHaltedBy(server, error);
        }
    }

    @Test
    void aNodeThatHaltedIsClosedLikeAnyOther() {
        try (TestCluster cluster = new TestCluster(1).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            server.propose("crash");
            server.node.close();
            assertThat(server.log.isClosed()).isTrue();
            assertNoThreadsOf(server.id);
        }
    }

    @Test
    void closingEndsAllThreadsAndStoragesWheneverItHappens() {
        TestCluster cluster = new TestCluster(3);
        try (cluster) {
            TestCluster.Server neverStarted = cluster.server("n1");
            cluster.build(neverStarted);
            neverStarted.node.close();
            assertThat(neverStarted.log.isClosed()).isTrue();
            assertThatThrownBy(neverStarted.node::start).isInstanceOf(IllegalStateException.class);

            TestCluster.Server electing = cluster.server("n2");
            cluster.start(electing);
            await().atMost(PATIENCE).until(() -> electing.node.status().role() != Role.FOLLOWER);
            CompletableFuture<Void> halted = electing.node.halted();
            electing.node.close();
            electing.node.close();
            halted.orTimeout(30, TimeUnit.SECONDS).join();
            assertThat(electing.log.isClosed()).isTrue();
            assertThat(electing.propose("add a")).isInstanceOf(ClientResponse.Unavailable.class);
            assertNoThreadsOf(electing.id);
        }
    }

    @Test
    void whatIsPendingWhenANodeIsClosedIsUnknown() throws InterruptedException {
        try (TestCluster cluster = new TestCluster(1).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            server.machine.closeGate();
            CompletableFuture<ClientResponse> proposed = server.node.submit(new ClientRequest.Propose(bytes("add a")));
            await().atMost(PATIENCE).until(() -> server.node.status().commitIndex() == 2);
            Thread closing = new Thread(server.node::close, "closing");
            closing.start();
            assertThat(proposed.orTimeout(30, TimeUnit.SECONDS).join()).isInstanceOf(ClientResponse.Unknown.class);
            server.machine.openGate();
            closing.join();
        }
    }

    @Test
    void aTransportThatCantListenFailsTheStartAndLeavesNothingBehind() {
        NodeId id = NodeId.of("deaf");
        TestLog log = new TestLog();
        RaftNode node = RaftNode.builder(id)
                .log(log)
                .hardState(new TestHardState())
                .transport(new Transport() {
                    @Override
                    public void start(Receiver receiver) {
                        throw new UncheckedIOException(new IOException("address in use"));
                    }

                    @Override
                    public void send(Message message) {
                        throw new IllegalStateException("not started");
                    }

                    @Override
                    public void close() {
                        // Nothing was opened.
                    }
                })
                .stateMachine(new TestMachine())
                .clock(SystemClock.INSTANCE)
                .build();
        assertThatThrownBy(node::start).hasMessageContaining("address in use");
        assertThat(log.isClosed()).isTrue();
        assertNoThreadsOf(id);
    }

    @Test
    void roleListenersAreCalledInOrderAndMayFail() {
        List<Ready.RoleChange> changes = new CopyOnWriteArrayList<>();
        NodeId id = NodeId.of("n1");
        TestNetwork network = new TestNetwork();
        try (RaftNode node = RaftNode.builder(id)
                .log(new TestLog())
                .hardState(new TestHardState())
                .transport(network.endpoint(id))
                .stateMachine(new TestMachine())
                .clock(SystemClock.INSTANCE)
                .options(TestCluster.options().build())
                .onRoleChange(change -> {
                    changes.add(change);
                    throw new IllegalStateException("a listener that fails");
                })
                .build()) {
            node.start();
            await().atMost(PATIENCE)
                    .until(() -> !changes.isEmpty()
                            && changes.get(changes.size() - 1).role() == Role.LEADER);
        }
    }

    private static void assertHaltedBy(TestCluster.Server server, Throwable cause) {
        assertThatThrownBy(() ->
                        server.node.halted().orTimeout(30, TimeUnit.SECONDS).join())
                .isInstanceOf(CompletionException.class)
                .hasCause(cause);
    }

    private static void assertNoThreadsOf(NodeId id) {
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("balsa-") && name.endsWith("-" + id));
    }
}
