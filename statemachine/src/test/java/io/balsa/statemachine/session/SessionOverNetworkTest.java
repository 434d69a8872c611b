package io.balsa.statemachine.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.port.ReadConsistency;
import io.balsa.statemachine.node.TestCluster;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Sessions of three real nodes over TCP, as long as all is well. */
class SessionOverNetworkTest {
    private static final Duration TTL = Duration.ofSeconds(10);
    private static final Duration LONG = Duration.ofSeconds(30);
    private static TestCluster cluster;

    @BeforeAll
    static void start() {
        cluster = TestCluster.inMemory(3);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static Session connect() {
        return Session.connect(cluster.clientAddresses());
    }

    @Test
    void readsItsWritesOnEveryLevel() {
        try (Session session = connect()) {
            KeyValues keys = session.keyValues();
            long revision = keys.put("k", "v");
            assertThat(keys.get("k")).map(KeyValue::text).contains("v");
            assertThat(keys.get("k", ReadConsistency.SESSION))
                    .map(KeyValue::text)
                    .contains("v");
            assertThat(keys.get("k").orElseThrow().revision()).isEqualTo(revision);
            assertThat(session.lastSeenIndex()).isGreaterThanOrEqualTo(revision);

            assertThat(keys.delete("k")).isTrue();
            assertThat(keys.delete("k")).isFalse();
            assertThat(keys.get("k")).isEmpty();
        }
    }

    @Test
    void comparesAndSets() {
        try (Session session = connect()) {
            KeyValues keys = session.keyValues();
            byte[] one = "1".getBytes(StandardCharsets.UTF_8);
            byte[] two = "2".getBytes(StandardCharsets.UTF_8);
            assertThat(keys.compareAndSet("c", Expected.absent(), one).isSet()).isTrue();
            assertThat(keys.compareAndSet("c", Expected.absent(), two))
                    .isInstanceOfSatisfying(CompareAndSetResult.Mismatch.class, mismatch -> {
                        assertThat(mismatch.value().orElseThrow()).isEqualTo(one);
                        assertThat(mismatch.revision()).isPositive();
                    });
            assertThat(keys.compareAndSet("c", Expected.value("1"), two).isSet())
                    .isTrue();
            long revision = keys.get("c").orElseThrow().revision();
            assertThat(keys.compareAndSet("c", Expected.revision(revision), one).isSet())
                    .isTrue();
            assertThat(keys.compareAndSet("c", Expected.revision(revision), two).isSet())
                    .isFalse();
        }
    }

    @Test
    @Tag("case-67")
    void locksExcludeEachOtherAndTheirTokensGrow() {
        try (Session one = connect();
                Session two = connect()) {
            LockGrant first = one.locks().acquire("orders", TTL, Duration.ZERO).orElseThrow();
            assertThat(two.locks().acquire("orders", TTL, Duration.ZERO)).isEmpty();
            assertThat(one.locks().acquire("orders", TTL, Duration.ZERO))
                    .as("each acquisition stands for itself")
                    .isEmpty();
            LockInfo info = two.locks().show("orders");
            assertThat(info.holder()).map(LockInfo.Holder::id).contains(first.id());

            assertThat(one.locks().renew(first.id(), TTL)).isPresent();
            assertThat(one.locks().release(first.id())).isTrue();
            LockGrant second = two.locks().acquire("orders", TTL, Duration.ZERO).orElseThrow();
            assertThat(second.token()).isGreaterThan(first.token());
            assertThat(one.locks().renew(first.id(), TTL)).isEmpty();
        }
    }

    @Test
    @Tag("case-73")
    void aReleaseByAnOldOrForeignHolderDoesNothing() {
        try (Session one = connect();
                Session two = connect()) {
            LockGrant first = one.locks().acquire("stale", TTL, Duration.ZERO).orElseThrow();
            one.locks().release(first.id());
            LockGrant second = two.locks().acquire("stale", TTL, Duration.ZERO).orElseThrow();

            assertThat(one.locks().release(first.id())).as("again").isFalse();
            assertThat(one.locks()
                            .release(new LockId("stale", one.id(), second.id().holder(), second.token())))
                    .as("by another session")
                    .isFalse();
            assertThat(two.locks()
                            .release(new LockId("stale", two.id(), second.id().holder(), first.token())))
                    .as("with an old token")
                    .isFalse();
            assertThat(two.locks().show("stale").holder())
                    .map(LockInfo.Holder::id)
                    .contains(second.id());
        }
    }

    @Test
    void anotherProcessReleasesALockByItsId() {
        try (Session owner = connect();
                Session other = connect()) {
            LockGrant grant =
                    owner.locks().acquire("shared", TTL, Duration.ZERO).orElseThrow();
            assertThat(other.locks().release(LockId.parse(grant.id().toString())))
                    .isTrue();
            assertThat(owner.locks().release(grant.id())).isFalse();
        }
    }

    @Test
    @Tag("case-74")
    void waitersAreServedInOrderAndThoseThatGaveUpAreSkipped() throws Exception {
        try (Session holder = connect();
                Session waiter = connect()) {
            LockGrant held = holder.locks().acquire("queue", TTL, Duration.ZERO).orElseThrow();
            List<CompletableFuture<Optional<LockGrant>>> waiting = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                waiting.add(waiter.locks().acquireAsync("queue", TTL, LONG));
                int queued = i + 1;
                awaitThat(() -> holder.locks().show("queue").waiters().size() == queued);
            }
            waiting.get(0).cancel(false);
            awaitThat(() -> holder.locks().show("queue").waiters().size() == 2);

            holder.locks().release(held.id());
            LockGrant second = waiting.get(1).get(30, TimeUnit.SECONDS).orElseThrow();
            assertThat(waiting.get(2)).isNotDone();
            waiter.locks().release(second.id());
            LockGrant third = waiting.get(2).get(30, TimeUnit.SECONDS).orElseThrow();
            assertThat(third.token()).isGreaterThan(second.token());
            waiter.locks().release(third.id());
            awaitThat(() -> !holder.locks().show("queue").isHeld());
        }
    }

    @Test
    void waitingEndsInTimeAndLeavesNoWaiterBehind() {
        try (Session holder = connect();
                Session waiter = connect()) {
            assertThat(holder.locks().acquire("busy", TTL, Duration.ZERO)).isPresent();
            assertThat(waiter.locks().acquire("busy", TTL, Duration.ofMillis(200)))
                    .isEmpty();
            awaitThat(() -> holder.locks().show("busy").waiters().isEmpty());
        }
    }

    @Test
    @Tag("case-68")
    void aStoreRefusesTheHolderThatWasPausedForLongerThanItsLock() {
        try (Session paused = connect();
                Session next = connect()) {
            FencedStore store = new FencedStore();
            LockGrant old = paused.locks()
                    .acquire("fenced", Duration.ofSeconds(2), Duration.ZERO)
                    .orElseThrow();
            assertThat(store.write(old.token(), "before the pause")).isTrue();
            // Nobody renews; the one that waits gets the lock when its time is over.
            LockGrant current = next.locks().acquire("fenced", LONG, LONG).orElseThrow();
            assertThat(store.write(current.token(), "by the next")).isTrue();
            assertThat(store.write(old.token(), "after the pause")).isFalse();
            assertThat(store.content).isEqualTo("by the next");
            assertThat(paused.locks().renew(old.id(), LONG)).isEmpty();
            next.locks().release(current.id());
        }
    }

    /** What a lock protects: it remembers the largest token that it saw, and takes nothing from older ones. */
    private static final class FencedStore {
        private long token;
        private String content = "";

        boolean write(long writersToken, String newContent) {
            if (writersToken < token) {
                return false;
            }
            token = writersToken;
            content = newContent;
            return true;
        }
    }

    @Test
    void aCancelledAcquisitionLeavesNoLockBehind() {
        try (Session session = connect()) {
            for (int round = 0; round < 20; round++) {
                session.locks().acquireAsync("cancelled", TTL, LONG).cancel(false);
            }
            awaitThat(() -> {
                LockInfo info = session.locks().show("cancelled");
                return !info.isHeld() && info.waiters().isEmpty();
            });
        }
    }

    @Test
    void anInterruptedAcquisitionLeavesNoWaiterBehind() throws Exception {
        try (Session holder = connect();
                Session waiter = connect()) {
            assertThat(holder.locks().acquire("interrupted", TTL, Duration.ZERO))
                    .isPresent();
            CompletableFuture<Throwable> failure = new CompletableFuture<>();
            Thread thread = new Thread(() -> {
                try {
                    waiter.locks().acquire("interrupted", TTL, LONG);
                    failure.complete(null);
                } catch (RuntimeException e) {
                    failure.complete(Thread.currentThread().isInterrupted() ? e : null);
                }
            });
            thread.start();
            awaitThat(() -> holder.locks().show("interrupted").waiters().size() == 1);
            thread.interrupt();
            assertThat(failure.get(30, TimeUnit.SECONDS)).hasMessageContaining("interrupted");
            awaitThat(() -> holder.locks().show("interrupted").waiters().isEmpty());
            thread.join();
        }
    }

    @Test
    @Tag("case-77")
    void closingASessionEndsWhatItHas() {
        try (Session watcher = connect()) {
            Session session = connect();
            assertThat(session.locks().acquire("closing", Duration.ofMinutes(10), Duration.ZERO))
                    .isPresent();
            session.services().register(ServiceInstance.of("closing", "a", "host", 1));
            assertThat(watcher.services().discover("closing").services()).hasSize(1);

            session.close();
            session.close();
            assertThat(session.state()).isEqualTo(SessionState.CLOSED);
            assertThat(watcher.locks().show("closing").isHeld()).isFalse();
            assertThat(watcher.services().discover("closing").services()).isEmpty();
        }
    }

    @Test
    void aDetachedSessionLivesOnUntilItsLockIsReleased() {
        try (Session other = connect()) {
            Session session = connect();
            LockGrant grant =
                    session.locks().acquire("detached", TTL, Duration.ZERO).orElseThrow();
            session.detach();
            assertThat(session.state()).isEqualTo(SessionState.CLOSED);
            assertThat(other.locks().show("detached").isHeld()).isTrue();
            assertThat(other.locks().release(grant.id())).isTrue();
        }
    }

    @Test
    @Tag("case-77")
    void aDetachedSessionExpires() {
        try (Session other = connect()) {
            Session session = Session.connect(
                    cluster.clientAddresses(),
                    SessionOptions.builder().ttl(Duration.ofSeconds(2)).build());
            assertThat(session.locks().acquire("left", LONG, Duration.ZERO)).isPresent();
            session.services().register(ServiceInstance.of("left", "a", "host", 1));
            session.detach();
            awaitThat(() -> !other.locks().show("left").isHeld());
            assertThat(other.services().discover("left").services()).isEmpty();
        }
    }

    @Test
    void watchesTellAListAndThenEveryChange() throws Exception {
        try (Session session = connect();
                Session watcher = connect()) {
            ServiceInstance first = ServiceInstance.of("web", "a", "host-a", 80);
            session.services().register(first);
            BlockingQueue<Object> told = new LinkedBlockingQueue<>();
            ServiceWatch watch = watcher.services().watch("web", new Recorder(told));
            assertThat(told.poll(30, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(ServiceList.class, list -> assertThat(list.services())
                            .extracting(RegisteredService::instance)
                            .containsExactly(first));

            ServiceInstance changed = first.withMetadata(Map.of("zone", "b"));
            session.services().register(changed);
            session.services().register(ServiceInstance.of("other", "x", "host-x", 80));
            session.services().deregister("web", "a");
            assertThat(told.poll(30, TimeUnit.SECONDS)).isInstanceOfSatisfying(ServiceEvent.class, event -> {
                assertThat(event.kind()).isEqualTo(ServiceEvent.Kind.UPDATED);
                assertThat(event.service().instance()).isEqualTo(changed);
            });
            assertThat(told.poll(30, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(ServiceEvent.class, event -> assertThat(event.kind())
                            .isEqualTo(ServiceEvent.Kind.DEREGISTERED));
            watch.close();
            session.services().register(first);
            assertThat(told).isEmpty();
        }
    }

    @Test
    @Tag("case-79")
    void aRegistrationIsRemovedOnlyAsItWas() {
        try (Session session = connect()) {
            ServiceInstance instance = ServiceInstance.of("exact", "a", "host", 1);
            long old = session.services().register(instance);
            long newer = session.services().register(instance.withVersion("2"));
            assertThat(session.services().deregister("exact", "a", old)).isFalse();
            assertThat(session.services().deregister("exact", "a", newer)).isTrue();
            assertThat(session.services().deregister("exact", "a")).isFalse();
        }
    }

    @Test
    void asyncTwinsCompleteOnThreadsOfTheSession() throws Exception {
        try (Session session = connect()) {
            CompletableFuture<String> thread = session.keyValues()
                    .putAsync("async", new byte[1])
                    .thenApply(revision -> Thread.currentThread().getName());
            assertThat(thread.get(30, TimeUnit.SECONDS))
                    .isIn(
                            "balsa-session-" + session.id() + "-callbacks",
                            Thread.currentThread().getName());
            assertThat(session.keyValues()
                            .getAsync("async", ReadConsistency.LINEARIZABLE)
                            .get(30, TimeUnit.SECONDS))
                    .isPresent();
            assertThat(session.locks()
                            .showAsync("async")
                            .get(30, TimeUnit.SECONDS)
                            .isHeld())
                    .isFalse();
        }
    }

    @Test
    void aCallbackMayUseTheSessionBlockingly() throws Exception {
        try (Session session = connect()) {
            CompletableFuture<Long> chained = session.keyValues()
                    .putAsync("chain", new byte[1])
                    .thenApply(revision -> session.keyValues().put("chain", "2"));
            assertThat(chained.get(30, TimeUnit.SECONDS)).isPositive();
        }
    }

    @Test
    void wrongRequestsAreRefusedWithAReason() {
        try (Session session = connect()) {
            assertThatThrownBy(() -> session.locks().acquire("", TTL, Duration.ZERO))
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining("name");
            assertThatThrownBy(() -> session.keyValues().put("huge", new byte[(1 << 20) + 1]))
                    .isInstanceOf(InvalidRequestException.class);
            assertThat(session.state()).isEqualTo(SessionState.CONNECTED);
        }
    }

    @Test
    void afterTheCloseEverythingSaysSo() {
        Session session = connect();
        session.close();
        assertThatThrownBy(() -> session.keyValues().put("k", "v")).hasMessageContaining("closed");
        assertThatThrownBy(() -> session.keyValues().get("k")).hasMessageContaining("closed");
        assertThatThrownBy(() -> session.locks().acquire("k", TTL, Duration.ZERO))
                .hasMessageContaining("closed");
    }

    private static void awaitThat(Callable<Boolean> condition) {
        Awaitility.await().atMost(LONG).until(condition);
    }

    private record Recorder(BlockingQueue<Object> told) implements ServiceListener {
        @Override
        public void onList(ServiceList list) {
            told.add(list);
        }

        @Override
        public void onEvent(ServiceEvent event) {
            told.add(event);
        }
    }
}
