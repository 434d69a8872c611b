package io.balsa.statemachine.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.client.RequestException;
import io.balsa.statemachine.node.TestCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Read-write locks, semaphores and watches over locks, of sessions of three real nodes over TCP. */
class LockModesOverNetworkTest {
    private static final Duration TTL = Duration.ofSeconds(30);
    private static final SessionOptions PATIENT = SessionOptions.builder()
            .requestTimeout(Duration.ofSeconds(20))
            .ttl(Duration.ofSeconds(60))
            .build();
    private static TestCluster cluster;

    @BeforeAll
    static void start() {
        cluster = TestCluster.inMemory(3);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static Session connect(String clientName) {
        return connect(cluster, clientName);
    }

    private static Session connect(TestCluster to, String clientName) {
        SessionOptions options = SessionOptions.builder()
                .requestTimeout(PATIENT.requestTimeout())
                .ttl(PATIENT.ttl())
                .clientName(clientName)
                .build();
        return Session.connect(to.clientAddresses(), options);
    }

    private static LockGrant await(CompletableFuture<Optional<LockGrant>> grant) throws Exception {
        return grant.get(30, TimeUnit.SECONDS).orElseThrow();
    }

    private static void awaitWaiters(Session session, String lock, int count) {
        Awaitility.await().atMost(TTL).until(() -> session.locks().show(lock).waiterCount() == count);
    }

    @Test
    void readersShareAndAWriterWaitsForAllOfThem() throws Exception {
        try (Session one = connect("one");
                Session two = connect("two")) {
            LockGrant first = one.locks().acquire(LockRequest.shared("rw", TTL)).orElseThrow();
            LockGrant second =
                    two.locks().acquire(LockRequest.shared("rw", TTL)).orElseThrow();
            CompletableFuture<Optional<LockGrant>> writer =
                    one.locks().acquireAsync(LockRequest.exclusive("rw", TTL).waiting(TTL));
            awaitWaiters(two, "rw", 1);
            assertThat(two.locks().acquire(LockRequest.shared("rw", TTL)))
                    .as("nobody overtakes the writer")
                    .isEmpty();

            LockInfo info = two.locks().show("rw");
            assertThat(info.mode()).isEqualTo(LockMode.SHARED);
            assertThat(info.holders())
                    .extracting(LockInfo.Holder::id)
                    .containsExactlyInAnyOrder(first.id(), second.id());
            assertThat(info.waiters()).singleElement().satisfies(waiter -> {
                assertThat(waiter.mode()).isEqualTo(LockMode.EXCLUSIVE);
                assertThat(waiter.clientName()).isEqualTo("one");
                assertThat(waiter.waiting()).isPresent();
            });
            assertThat(one.locks().renew(first.id(), TTL)).isPresent();
            one.locks().release(first.id());
            assertThat(writer).isNotDone();
            two.locks().release(second.id());
            assertThat(await(writer).token()).isGreaterThan(second.token());
        }
    }

    /** Who hears of a grant without another thread in between, and lets go of it at once, holds it: nothing has given it back. */
    @Test
    void whatIsGrantedDirectlyIsTheCallersBeforeHeHearsOfIt() throws Exception {
        try (Session session = connect("direct")) {
            for (int round = 0; round < 20; round++) {
                List<CompletableFuture<Boolean>> released = new ArrayList<>();
                List<String> threads = Collections.synchronizedList(new ArrayList<>());
                for (int i = 0; i < 20; i++) {
                    CompletableFuture<Boolean> release = session.directLocks()
                            .acquireAsync(
                                    LockRequest.exclusive("direct-" + i, TTL).waiting(TTL))
                            .thenComposeAsync(
                                    grant -> {
                                        threads.add(Thread.currentThread().getName());
                                        return session.directLocks()
                                                .releaseAsync(
                                                        grant.orElseThrow().id());
                                    },
                                    // Behind whatever else the session does with the grant.
                                    session.gathering(Runnable::run));
                    released.add(release);
                }
                for (CompletableFuture<Boolean> release : released) {
                    assertThat(release.get(30, TimeUnit.SECONDS)).isTrue();
                }
                assertThat(threads).noneMatch(name -> name.endsWith("-callbacks"));
            }
            assertThat(session.locks().list("direct-")).isEmpty();
        }
    }

    @Test
    void permitsAreGivenInTurn() throws Exception {
        try (Session one = connect("one");
                Session two = connect("two")) {
            LockGrant both =
                    one.locks().acquire(LockRequest.permits("seats", 2, 3, TTL)).orElseThrow();
            CompletableFuture<Optional<LockGrant>> many = two.locks()
                    .acquireAsync(LockRequest.permits("seats", 3, 3, TTL).waiting(TTL));
            awaitWaiters(one, "seats", 1);
            assertThat(one.locks().acquire(LockRequest.permits("seats", 1, 3, TTL)))
                    .isEmpty();
            LockInfo info = one.locks().show("seats");
            assertThat(info.capacity()).isEqualTo(3);
            assertThat(info.permits()).isEqualTo(2);
            assertThat(info.holder()).map(LockInfo.Holder::permits).contains(2);

            one.locks().release(both.id());
            await(many);
            assertThat(one.locks().show("seats").permits()).isEqualTo(3);
        }
    }

    @Test
    void whatDoesNotFitIsRefusedAndNamed() {
        try (Session session = connect("client")) {
            assertThat(session.locks().acquire(LockRequest.permits("kind", 1, 3, TTL)))
                    .isPresent();

            assertThatThrownBy(() -> session.locks().acquire(LockRequest.permits("kind", 1, 4, TTL)))
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining("3 permits")
                    .hasMessageContaining("4 permits");
            assertThatThrownBy(() -> session.locks().acquire("kind", TTL, Duration.ZERO))
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining("acquire lock 'kind'")
                    .hasMessageContaining("semaphore");
            assertThatThrownBy(() -> session.locks()
                            .acquire(LockRequest.shared("other", TTL).showing("x".repeat(1025))))
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining("1024 bytes");
        }
        assertThatThrownBy(() -> LockRequest.permits("kind", 4, 3, TTL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4 permits");
        assertThatThrownBy(() -> LockRequest.shared("kind", TTL).waiting(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new LockRequest("kind", LockMode.SHARED, 1, 1, TTL, Duration.ZERO, ""))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @Tag("case-74")
    void aCancelledWriterLetsTheReadersBehindItIn() throws Exception {
        try (Session one = connect("one");
                Session two = connect("two")) {
            assertThat(one.locks().acquire(LockRequest.shared("cancel", TTL))).isPresent();
            CompletableFuture<Optional<LockGrant>> writer = two.locks()
                    .acquireAsync(LockRequest.exclusive("cancel", TTL).waiting(TTL));
            awaitWaiters(one, "cancel", 1);
            CompletableFuture<Optional<LockGrant>> reader =
                    two.locks().acquireAsync(LockRequest.shared("cancel", TTL).waiting(TTL));
            awaitWaiters(one, "cancel", 2);

            writer.cancel(false);

            await(reader);
            assertThat(one.locks().show("cancel").holderCount()).isEqualTo(2);
        }
    }

    @Test
    void locksAreListedByName() throws Exception {
        try (Session session = connect("client")) {
            for (String name : List.of("list/b", "list/a", "lisp")) {
                assertThat(session.locks()
                                .acquire(LockRequest.exclusive(name, TTL).showing("at " + name)))
                        .isPresent();
            }

            List<LockInfo> listed = session.locks().list("list/");
            assertThat(listed).extracting(LockInfo::name).containsExactly("list/a", "list/b");
            assertThat(listed.get(0).holder()).map(LockInfo.Holder::data).contains("at list/a");
            assertThat(session.locks().listAsync("lis").get(30, TimeUnit.SECONDS))
                    .extracting(LockInfo::name)
                    .containsExactly("lisp", "list/a", "list/b");
            assertThat(session.locks().list("nothing")).isEmpty();
        }
    }

    @Test
    void aListOfManyPagesIsWhole() throws Exception {
        try (Session session = connect("client")) {
            int locks = 1_100;
            for (int i = 0; i < locks; i++) {
                assertThat(session.locks().acquire("many/" + (10_000 + i), TTL, Duration.ZERO))
                        .isPresent();
            }

            assertThat(session.locks().list("many/"))
                    .hasSize(locks)
                    .extracting(LockInfo::name)
                    .isSorted()
                    .doesNotHaveDuplicates();
            assertThat(session.locks().listAsync("many/").get(30, TimeUnit.SECONDS))
                    .hasSize(locks);
        }
    }

    // ---- watches ---------------------------------------------------------------------------------------------------

    private static final class Observer implements LockListener {
        private final BlockingQueue<LockInfo> told = new LinkedBlockingQueue<>();
        private final CompletableFuture<RequestException> end = new CompletableFuture<>();

        @Override
        public void onHolders(LockInfo lock) {
            told.add(lock);
        }

        @Override
        public void onEnd(RequestException cause) {
            end.complete(cause);
        }

        /** What is told next; fails when nothing is. */
        private LockInfo next() throws InterruptedException {
            LockInfo next = told.poll(30, TimeUnit.SECONDS);
            assertThat(next).isNotNull();
            return next;
        }
    }

    @Test
    void anObserverIsToldTheLeaderAndEachSuccessor() throws Exception {
        try (Session one = connect("one");
                Session two = connect("two");
                Session third = connect("third")) {
            Observer observer = new Observer();
            LockWatch watch = third.locks().watch("leader", observer);
            assertThat(observer.next().isHeld()).isFalse();

            LockGrant first = one.locks()
                    .acquire(LockRequest.exclusive("leader", TTL).showing("10.0.0.1:80"))
                    .orElseThrow();
            assertThat(observer.next().holder()).map(LockInfo.Holder::data).contains("10.0.0.1:80");
            CompletableFuture<Optional<LockGrant>> second = two.locks()
                    .acquireAsync(
                            LockRequest.exclusive("leader", TTL).waiting(TTL).showing("10.0.0.2:80"));
            awaitWaiters(one, "leader", 1);
            one.locks().release(first.id());
            LockInfo told = observer.next();
            assertThat(told.holder()).map(LockInfo.Holder::data).contains("10.0.0.2:80");
            assertThat(told.holder())
                    .map(LockInfo.Holder::id)
                    .contains(await(second).id());

            two.closeAsync().get(1, TimeUnit.MINUTES);
            assertThat(observer.next().isHeld()).isFalse();
            watch.close();
            assertThat(observer.told).isEmpty();
            assertThat(observer.end).isNotDone();
        }
    }

    @Test
    void aWatchEndsWithItsSessionAndWhenItIsRefused() throws Exception {
        Observer observer = new Observer();
        Observer refused = new Observer();
        try (Session session = connect("client")) {
            session.locks().watch("watched", observer);
            observer.next();
            session.locks().watch("x".repeat(600), refused);
            assertThat(refused.end.get(30, TimeUnit.SECONDS)).isInstanceOf(InvalidRequestException.class);
        }
        assertThat(observer.end.get(30, TimeUnit.SECONDS)).hasMessageContaining("watch lock 'watched'");
    }

    @Test
    @Tag("case-67")
    @Tag("case-74")
    @Tag("case-76")
    void readersWaitersAndWatchesSurviveTheLeader() throws Exception {
        try (TestCluster failing = TestCluster.inMemory(3);
                Session one = connect(failing, "one");
                Session two = connect(failing, "two")) {
            LockGrant first = one.locks().acquire(LockRequest.shared("rw", TTL)).orElseThrow();
            LockGrant second =
                    two.locks().acquire(LockRequest.shared("rw", TTL)).orElseThrow();
            CompletableFuture<Optional<LockGrant>> writer =
                    one.locks().acquireAsync(LockRequest.exclusive("rw", TTL).waiting(TTL));
            awaitWaiters(two, "rw", 1);
            Observer observer = new Observer();
            two.locks().watch("rw", observer);
            assertThat(observer.next().holderCount()).isEqualTo(2);

            failing.stop(failing.awaitLeader());
            assertThat(one.locks().renew(first.id(), TTL)).as("still held").isPresent();
            assertThat(writer).isNotDone();
            one.locks().release(first.id());
            two.locks().release(second.id());

            LockGrant written = await(writer);
            assertThat(written.token()).isGreaterThan(second.token());
            LockInfo told = observer.next();
            while (!told.holder().map(LockInfo.Holder::id).equals(Optional.of(written.id()))) {
                told = observer.next();
            }
            assertThat(told.mode()).isEqualTo(LockMode.EXCLUSIVE);
        }
    }
}
