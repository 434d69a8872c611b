package io.balsa.raft.node;

import static io.balsa.raft.node.TestCluster.PATIENCE;
import static io.balsa.raft.node.TestCluster.text;
import static io.balsa.raft.node.TestMachine.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.Role;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.ReadConsistency;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a group of nodes does for its clients while nothing is broken. */
class RaftNodeTest {
    @Test
    void threeNodesElectALeaderAndApplyCommandsEverywhere() {
        try (TestCluster cluster = new TestCluster(3).start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            assertThat(text(leader.propose("add a"))).isEqualTo("1");
            assertThat(text(leader.propose("add b"))).isEqualTo("2");
            cluster.awaitWords("a", "b");
            assertThat(text(leader.read(ReadConsistency.LINEARIZABLE, "list"))).isEqualTo("a,b");
        }
    }

    @Test
    void aFollowerRefusesAndNamesTheLeader() {
        try (TestCluster cluster = new TestCluster(3).start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            TestCluster.Server follower = cluster.others(leader).get(0);
            await().atMost(PATIENCE).until(() -> follower.node.status().leader().isPresent());
            ClientResponse response = follower.propose("add a");
            assertThat(response).isInstanceOf(ClientResponse.NotLeader.class);
            assertThat(((ClientResponse.NotLeader) response).leader()).hasValueSatisfying(hint -> {
                assertThat(hint.id()).isEqualTo(leader.id);
                assertThat(hint.clientAddress()).isEqualTo(leader.id + ":1");
            });
        }
    }

    @Test
    void aFollowerServesAStrongReadByAskingTheLeader() {
        try (TestCluster cluster = new TestCluster(3).start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            TestCluster.Server follower = cluster.others(leader).get(0);
            await().atMost(PATIENCE).until(() -> follower.node.status().leader().isPresent());
            assertThat(leader.propose("add a")).isInstanceOf(ClientResponse.Applied.class);
            assertThat(text(follower.read(ReadConsistency.LINEARIZABLE, "list")))
                    .isEqualTo("a");
        }
    }

    @Test
    @Tag("case-65")
    void aSessionReadWaitsForItsIndexAtAnyServer() {
        try (TestCluster cluster = new TestCluster(3).start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            long index = ((ClientResponse.Applied) leader.propose("add a")).index();
            for (TestCluster.Server server : cluster.servers.values()) {
                ClientResponse answer =
                        server.answer(new ClientRequest.Read(ReadConsistency.SESSION, index, bytes("list"), 10_000));
                assertThat(text(answer)).isEqualTo("a");
                assertThat(((ClientResponse.Answer) answer).appliedIndex()).isGreaterThanOrEqualTo(index);
            }
        }
    }

    @Test
    void aSessionReadOfAnIndexThatNeverComesTimesOut() {
        try (TestCluster cluster = new TestCluster(1).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            assertThat(server.answer(new ClientRequest.Read(ReadConsistency.SESSION, 1_000, bytes("list"), 20)))
                    .isInstanceOf(ClientResponse.ReadTimedOut.class);
            assertThat(text(server.read(ReadConsistency.LOCAL, "list"))).isEmpty();
        }
    }

    @Test
    void statusTellsRoleTermLeaderAndIndexes() {
        try (TestCluster cluster = new TestCluster(1).start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            leader.propose("add a");
            assertThat(leader.node.status()).satisfies(status -> {
                assertThat(status.clusterId()).isEqualTo("test");
                assertThat(status.role()).isEqualTo(Role.LEADER);
                assertThat(status.term()).isPositive();
                assertThat(status.lastIndex()).isEqualTo(2);
                assertThat(status.lastApplied()).isEqualTo(2);
                assertThat(status.leader().orElseThrow().clientAddress()).isEqualTo("n1:1");
            });
        }
    }

    @Test
    @Tag("case-19")
    void anOnlyServerAcknowledgesNothingThatItsDiskDoesNotHave() throws InterruptedException {
        try (TestCluster cluster = new TestCluster(1).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            server.log.closeGate();
            CompletableFuture<ClientResponse> proposed = server.node.submit(new ClientRequest.Propose(bytes("add a")));
            server.log.awaitSyncAtGate();
            assertThat(text(server.read(ReadConsistency.LINEARIZABLE, "list"))).isEmpty();
            assertThat(proposed).isNotDone();
            assertThat(server.machine.words()).isEmpty();
            server.log.openGate();
            long index = ((ClientResponse.Applied) proposed.join()).index();
            assertThat(server.log.syncedIndex()).isGreaterThanOrEqualTo(index);
        }
    }

    @Test
    void whatWaitsForTheDiskBecomesDurableByOneSync() throws InterruptedException {
        try (TestCluster cluster = new TestCluster(1).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            server.log.closeGate();
            List<CompletableFuture<ClientResponse>> proposals = new ArrayList<>();
            proposals.add(server.node.submit(new ClientRequest.Propose(bytes("add w"))));
            server.log.awaitSyncAtGate();
            for (int i = 1; i < 200; i++) {
                proposals.add(server.node.submit(new ClientRequest.Propose(bytes("add w"))));
            }
            // The driver is done with all of them, and the log writer stands before its gate.
            await().atMost(PATIENCE).until(() -> server.node.status().lastIndex() == 201);
            int before = server.log.syncs();
            server.log.openGate();
            proposals.forEach(proposal -> assertThat(proposal.join()).isInstanceOf(ClientResponse.Applied.class));
            // One that stood before the gate, one for what the driver had handed over, one for its last batch.
            assertThat(server.log.syncs() - before).isBetween(2, 3);
        }
    }

    @Test
    void aParkedReadIsAnsweredByALaterEntry() {
        try (TestCluster cluster = new TestCluster(1).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            CompletableFuture<ClientResponse> parked = server.node.submit(
                    new ClientRequest.Read(ReadConsistency.LINEARIZABLE, 0, bytes("await 1"), 60_000));
            await().atMost(PATIENCE).until(() -> server.machine.parked() == 1);
            long index = ((ClientResponse.Applied) server.propose("add a")).index();
            ClientResponse answer = parked.join();
            assertThat(text(answer)).isEqualTo("a");
            assertThat(((ClientResponse.Answer) answer).appliedIndex()).isEqualTo(index);
            assertThat(server.machine.parked()).isZero();
        }
    }

    @Test
    void aParkedReadEndsInItsTimeAndIsForgotten() {
        try (TestCluster cluster = new TestCluster(1).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            assertThat(server.answer(new ClientRequest.Read(ReadConsistency.LOCAL, 0, bytes("await 1"), 20)))
                    .isInstanceOf(ClientResponse.ReadTimedOut.class);
            await().atMost(PATIENCE).until(() -> server.machine.parked() == 0);
        }
    }

    @Test
    void closingANodeEndsItsParkedReads() {
        try (TestCluster cluster = new TestCluster(1).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            CompletableFuture<ClientResponse> parked =
                    server.node.submit(new ClientRequest.Read(ReadConsistency.LOCAL, 0, bytes("await 1"), 60_000));
            await().atMost(PATIENCE).until(() -> server.machine.parked() == 1);
            server.node.close();
            assertThat(parked.join()).isInstanceOf(ClientResponse.Unavailable.class);
            assertThat(server.machine.parked()).isZero();
        }
    }

    @Test
    void aQueryThatTheStateMachineChokesOnIsItsSendersTroubleOnly() {
        try (TestCluster cluster = new TestCluster(1).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            assertThat(server.read(ReadConsistency.LINEARIZABLE, "bad")).isInstanceOf(ClientResponse.Invalid.class);
            assertThat(text(server.propose("add a"))).isEqualTo("1");
        }
    }

    @Test
    void tooLargeACommandIsInvalid() {
        RaftOptions options = TestCluster.options().maxCommandBytes(10).build();
        try (TestCluster cluster = new TestCluster(1, options).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            assertThat(server.propose("add 1234567")).isInstanceOf(ClientResponse.Invalid.class);
            assertThat(server.propose("add 123456")).isInstanceOf(ClientResponse.Applied.class);
        }
    }

    @Test
    @Tag("case-88")
    void moreProposalsThanMayBeUnderWayAreRefusedAsBusy() {
        RaftOptions options = TestCluster.options().maxPendingProposals(4).build();
        try (TestCluster cluster = new TestCluster(1, options).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            server.machine.closeGate();
            List<CompletableFuture<ClientResponse>> proposals = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                proposals.add(server.node.submit(new ClientRequest.Propose(bytes("add a"))));
            }
            assertThat(server.propose("add b")).isInstanceOf(ClientResponse.Busy.class);
            server.machine.openGate();
            proposals.forEach(proposal -> assertThat(proposal.join()).isInstanceOf(ClientResponse.Applied.class));
            assertThat(server.propose("add b")).isInstanceOf(ClientResponse.Applied.class);
        }
    }

    @Test
    @Tag("case-24")
    void moreUncommittedBytesThanAllowedAreRefusedAsBusy() throws InterruptedException {
        RaftOptions options = TestCluster.options()
                .maxCommandBytes(1_000)
                .maxUncommittedBytes(1_000)
                .build();
        try (TestCluster cluster = new TestCluster(1, options).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            server.log.closeGate();
            CompletableFuture<ClientResponse> first =
                    server.node.submit(new ClientRequest.Propose(bytes("add " + "a".repeat(990))));
            server.log.awaitSyncAtGate();
            assertThat(server.propose("add b")).isInstanceOf(ClientResponse.Busy.class);
            server.log.openGate();
            assertThat(first.join()).isInstanceOf(ClientResponse.Applied.class);
        }
    }

    @Test
    @Tag("case-88")
    void moreReadsThanMayBeUnderWayAreRefusedAsBusy() {
        RaftOptions options = TestCluster.options().maxPendingReads(1).build();
        try (TestCluster cluster = new TestCluster(1, options).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            CompletableFuture<ClientResponse> parked =
                    server.node.submit(new ClientRequest.Read(ReadConsistency.LOCAL, 0, bytes("await 1"), 60_000));
            assertThat(server.read(ReadConsistency.LOCAL, "list")).isInstanceOf(ClientResponse.Busy.class);
            server.propose("add a");
            assertThat(text(parked.join())).isEqualTo("a");
            assertThat(text(server.read(ReadConsistency.LOCAL, "list"))).isEqualTo("a");
        }
    }

    @Test
    @Tag("case-70")
    void whenADeadlineIsDueTheLeaderMovesTheClockByOneEntry() {
        try (TestCluster cluster = new TestCluster(3).start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            leader.propose("alarm 50");
            cluster.awaitWords("rang");
            for (TestCluster.Server server : cluster.servers.values()) {
                assertThat(server.machine.applied(EntryType.CLOCK)).isEqualTo(1);
            }
        }
    }

    @Test
    void aNodeThatStartsAgainAppliesItsLogAgain() {
        try (TestCluster cluster = new TestCluster(3).start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            leader.propose("add a");
            leader.propose("add b");
            cluster.servers.values().forEach(server -> server.node.close());
            cluster.servers.values().forEach(cluster::start);
            cluster.awaitLeader();
            cluster.awaitWords("a", "b");
        }
    }

    @Test
    void callbacksRunOnTheExecutorAndDoNotHoldUpRaft() {
        try (TestCluster cluster = new TestCluster(1).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            CountDownLatch stuck = new CountDownLatch(1);
            // Not done before its callback is attached, which would then run here.
            server.machine.closeGate();
            CompletableFuture<String> callback = server.node
                    .propose(bytes("add a"))
                    .thenApply(response -> {
                        await().atMost(PATIENCE).until(() -> stuck.getCount() == 0);
                        return Thread.currentThread().getName();
                    });
            server.machine.openGate();
            assertThat(text(server.propose("add b"))).isEqualTo("2");
            stuck.countDown();
            assertThat(callback.orTimeout(30, TimeUnit.SECONDS).join()).doesNotContain("balsa");
            assertThat(text(server.node
                            .read(ReadConsistency.LINEARIZABLE, 0, bytes("list"), Duration.ofSeconds(10))
                            .join()))
                    .isEqualTo("a,b");
        }
    }

    /** Readers on threads of their own, while entries are applied on the node's: none misses what was acknowledged before. */
    @Test
    @Tag("case-61")
    @Tag("case-64")
    void leaseAndSessionReadsSeeWhatWasAcknowledgedBefore() {
        try (TestCluster cluster = new TestCluster(3).start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            AtomicInteger acknowledged = new AtomicInteger();
            AtomicLong acknowledgedIndex = new AtomicLong();
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
                for (int i = 1; i <= 300; i++) {
                    long index = ((ClientResponse.Applied) leader.propose("add x")).index();
                    acknowledged.set(i);
                    acknowledgedIndex.set(index);
                }
            });
            CompletableFuture<Void> byLease = CompletableFuture.runAsync(() -> {
                while (!writer.isDone()) {
                    int atLeast = acknowledged.get();
                    assertThat(wordsOf(leader.read(ReadConsistency.LEASE, "list")))
                            .isGreaterThanOrEqualTo(atLeast);
                }
            });
            while (!writer.isDone()) {
                int atLeast = acknowledged.get();
                long index = acknowledgedIndex.get();
                assertThat(wordsOf(leader.answer(
                                new ClientRequest.Read(ReadConsistency.SESSION, index, bytes("list"), 10_000))))
                        .isGreaterThanOrEqualTo(atLeast);
            }
            writer.join();
            byLease.join();
        }
    }

    private static int wordsOf(ClientResponse response) {
        String words = text(response);
        return words.isEmpty() ? 0 : words.split(",", -1).length;
    }
}
