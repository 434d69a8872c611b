package io.balsa.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.balsa.statemachine.node.TestCluster;
import io.balsa.statemachine.session.InvalidRequestException;
import io.balsa.statemachine.session.Registration;
import io.balsa.statemachine.session.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Read-write locks, semaphores and elections of three real nodes, by two clients. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NativeRecipesTest {
    private static final Duration TTL = Duration.ofSeconds(30);
    private static final Duration WAIT = Duration.ofMinutes(1);

    private TestCluster cluster;
    private Session one;
    private Session two;

    @BeforeAll
    void startNodes() {
        cluster = TestCluster.inMemory(3);
        cluster.awaitLeader();
    }

    @AfterAll
    void stopNodes() {
        cluster.close();
    }

    @BeforeEach
    void connect() {
        one = Session.connect(cluster.clientAddresses());
        two = Session.connect(cluster.clientAddresses());
    }

    @AfterEach
    void disconnect() {
        one.close();
        two.close();
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(WAIT.toSeconds(), TimeUnit.SECONDS);
    }

    private void awaitWaiters(String key, int count) {
        await().atMost(WAIT).until(() -> one.locks().show(key).waiterCount() == count);
    }

    @Test
    void readersReadTogetherAndAWriterAlone() throws Exception {
        try (NativeReadWriteLock first = NativeReadWriteLock.on(one);
                NativeReadWriteLock second = NativeReadWriteLock.on(two)) {
            LockLease reader = first.readLock().acquire("page", TTL);
            LockLease again = first.readLock().acquire("page", TTL);
            LockLease other = second.readLock().acquire("page", TTL);
            assertThat(List.of(reader, again, other)).allMatch(LockLease::isValid);
            assertThat(second.writeLock().tryAcquire("page", TTL)).isEmpty();

            CompletableFuture<LockLease> writer = second.writeLock().acquireAsync("page", TTL, WAIT);
            awaitWaiters("page", 1);
            assertThat(first.readLock().tryAcquire("page", TTL))
                    .as("no reader overtakes a writer that waits")
                    .isEmpty();
            assertThat(reader.release()).isTrue();
            assertThat(first.readLock().release("page"))
                    .as("the other of the two")
                    .isTrue();
            assertThat(again.isValid()).isFalse();
            assertThat(writer).isNotDone();
            assertThat(other.release()).isTrue();
            LockLease written = get(writer);
            assertThat(written.token()).isGreaterThan(other.token());

            List<CompletableFuture<LockLease>> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                readers.add(first.readLock().acquireAsync("page", TTL, WAIT));
            }
            awaitWaiters("page", 3);
            assertThat(written.release()).isTrue();
            for (CompletableFuture<LockLease> each : readers) {
                assertThat(get(each).token()).isGreaterThan(written.token());
            }
            assertThat(first.readLock().describe("page").holders()).hasSize(3);
        }
        assertThat(one.locks().show("page").isHeld()).as("closing releases").isFalse();
    }

    @Test
    void aSemaphoreGivesNoMorePermitsThanItHas() throws Exception {
        try (NativeSemaphore first = NativeSemaphore.on(one, 5);
                NativeSemaphore second = NativeSemaphore.on(two, 5)) {
            assertThat(first.available("gate")).isEqualTo(5);
            LockLease three = first.permits(3).acquire("gate", TTL);
            LockLease single = first.acquire("gate", TTL, WAIT);
            assertThat(second.available("gate")).isEqualTo(1);
            assertThat(second.permits(2).tryAcquire("gate", TTL)).isEmpty();

            CompletableFuture<LockLease> many = second.permits(4).acquireAsync("gate", TTL, WAIT);
            awaitWaiters("gate", 1);
            assertThat(first.permits(1).tryAcquire("gate", TTL))
                    .as("who needs few does not overtake who needs many")
                    .isEmpty();
            assertThat(three.release()).isTrue();
            assertThat(get(many).isValid()).isTrue();
            assertThat(first.available("gate")).isZero();
            assertThat(single.release()).isTrue();
            assertThat(first.available("gate")).isEqualTo(1);
        }
    }

    @Test
    void whatIsNotSuchALockIsRefused() {
        try (NativeSemaphore five = NativeSemaphore.on(one, 5);
                NativeSemaphore six = NativeSemaphore.on(two, 6)) {
            five.acquire("five", TTL, WAIT);
            assertThatThrownBy(() -> six.acquire("five", TTL, WAIT))
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining("5")
                    .hasMessageContaining("6");
            assertThatThrownBy(() -> NativeLock.on(two).acquire("five", TTL))
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining("five");
            assertThatThrownBy(() -> five.permits(6))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("6");
            assertThatThrownBy(() -> NativeSemaphore.on(one, 0)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    @Tag("case-69")
    void permitsOfASessionThatEndsComeBack() throws Exception {
        try (Session third = Session.connect(cluster.clientAddresses());
                NativeSemaphore second = NativeSemaphore.on(two, 2)) {
            NativeSemaphore gone = NativeSemaphore.on(third, 2);
            gone.permits(2).acquire("left", TTL);
            CompletableFuture<LockLease> dead = gone.permits(1).acquireAsync("left", TTL, WAIT);
            awaitWaiters("left", 1);
            CompletableFuture<LockLease> waiting = second.permits(2).acquireAsync("left", TTL, WAIT);
            awaitWaiters("left", 2);
            get(third.closeAsync());
            assertThat(get(waiting).isValid()).isTrue();
            assertThatThrownBy(() -> get(dead)).isInstanceOf(ExecutionException.class);
        }
    }

    @Test
    void anElectionHasOneLeaderWhomObserversKnow() throws Exception {
        BlockingQueue<Optional<LeaderElection.Leader>> told = new LinkedBlockingQueue<>();
        try (LeaderElection first = LeaderElection.of(one, "primary", "10.0.0.1:80", TTL);
                LeaderElection second = LeaderElection.of(two, "primary", "10.0.0.2:80", TTL);
                Registration observer = second.observe(told::add)) {
            assertThat(observer).isNotNull();
            assertThat(told.poll(1, TimeUnit.MINUTES)).isEmpty();
            LockLease office = get(first.campaign());
            assertThat(told.poll(1, TimeUnit.MINUTES).orElseThrow().candidate()).isEqualTo("10.0.0.1:80");
            CompletableFuture<LockLease> next = second.campaign();
            await().atMost(WAIT).until(() -> first.candidates().equals(List.of("10.0.0.2:80")));
            assertThat(next).isNotDone();
            assertThat(second.leader().orElseThrow().token()).isEqualTo(office.token());

            // Whoever leads among the servers, too, may change.
            cluster.stop(cluster.awaitLeader());
            assertThat(office.release()).isTrue();
            assertThat(get(next).token()).isGreaterThan(office.token());
            LeaderElection.Leader leader = told.poll(1, TimeUnit.MINUTES).orElseThrow();
            assertThat(leader.candidate()).isEqualTo("10.0.0.2:80");
            assertThat(leader.token()).isEqualTo(get(next).token());
        } finally {
            for (String id : List.of("n1", "n2", "n3")) {
                if (cluster.node(id) == null) {
                    cluster.start(id);
                }
            }
        }
    }

    @Test
    void aCampaignThatIsGivenUpLeavesTheQueue() throws Exception {
        try (LeaderElection first = LeaderElection.of(one, "given-up", "one", TTL);
                LeaderElection second = LeaderElection.of(two, "given-up", "two", TTL)) {
            LockLease office = get(first.campaign());
            CompletableFuture<LockLease> campaign = second.campaign();
            await().atMost(WAIT).until(() -> first.candidates().equals(List.of("two")));
            campaign.cancel(false);
            await().atMost(WAIT).until(() -> first.candidates().isEmpty());
            office.close();
            assertThat(first.leader()).isEmpty();
        }
    }
}
