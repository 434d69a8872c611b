package io.balsa.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.statemachine.node.CoordinationNode;
import io.balsa.statemachine.session.LockId;
import io.balsa.statemachine.session.Session;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What README shows, as an application writes it, over a durable node of its own. */
class EmbeddingTest {
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void aLockGuardsAWrite(@TempDir Path directory) throws Exception {
        String address = "127.0.0.1:" + freePort();
        FencedStore store = new FencedStore();
        Thread worker = Thread.currentThread();

        try (CoordinationNode node = CoordinationNode.builder("n1")
                        .member("n1", address)
                        .dataDirectory(directory.resolve("n1"))
                        .electionTimeout(Duration.ofMillis(500))
                        .start();
                Session session = node.openSession()) {
            DistributedLock locks = NativeLock.on(session);
            try (LockLease lease = locks.acquire("orders", Duration.ofSeconds(10), Duration.ofSeconds(30))) {
                lease.onLost(() -> worker.interrupt());
                store.write("order 1", lease.token());

                assertThat(lease.isValid()).isTrue();
                assertThat(locks.isLocked("orders")).isTrue();
                assertThat(locks.tryAcquire("orders", Duration.ofSeconds(10))).isEmpty();
                assertThatThrownBy(() -> locks.acquire("orders", Duration.ofSeconds(10)))
                        .isInstanceOf(LockNotAcquiredException.class)
                        .hasMessageContaining("'orders'");
            }
            assertThat(locks.isLocked("orders")).isFalse();
            try (LockLease lease = locks.acquire("orders", Duration.ofSeconds(10))) {
                store.write("order 2", lease.token());
            }
        }
        assertThat(store.content).isEqualTo("order 2");
        assertThat(worker.isInterrupted()).isFalse();
    }

    @Test
    void aLeaseThatRenewsItselfOutlivesItsTtlAndIsHandedOnWhenItIsLeft(@TempDir Path directory) throws Exception {
        String address = "127.0.0.1:" + freePort();
        try (CoordinationNode node = CoordinationNode.builder("n1")
                        .member("n1", address)
                        .dataDirectory(directory.resolve("n1"))
                        .start();
                Session one = node.openSession();
                Session two = Session.connect(node.clientAddress())) {
            DistributedLock renewing = NativeLock.on(one, LockOptions.defaults().withAutoRenew(true));
            LockLease held = renewing.acquire("orders", Duration.ofSeconds(3), Duration.ofSeconds(30));
            CompletableFuture<Void> lost = new CompletableFuture<>();
            held.onLost(() -> lost.complete(null));

            CompletableFuture<LockLease> waiting =
                    NativeLock.on(two).acquireAsync("orders", Duration.ofSeconds(20), Duration.ofSeconds(60));
            assertThat(NativeLock.on(two).tryAcquire("orders", Duration.ofSeconds(3), Duration.ofSeconds(4)))
                    .as("longer than the TTL of the one who renews")
                    .isEmpty();
            assertThat(held.isValid()).isTrue();
            assertThat(lost).isNotDone();

            two.locks().release(LockId.parse(held.id()));
            LockLease next = waiting.get(30, TimeUnit.SECONDS);
            assertThat(next.token()).isGreaterThan(held.token());
            lost.get(30, TimeUnit.SECONDS);
            assertThat(held.isValid()).isFalse();
            assertThat(next.release()).isTrue();
        }
    }

    /** Refuses writes of a holder that another has followed. */
    private static final class FencedStore {
        private long newestToken;
        private String content = "";

        void write(String newContent, long token) {
            if (token < newestToken) {
                throw new IllegalStateException("token " + token + " is older than " + newestToken);
            }
            newestToken = token;
            content = newContent;
        }
    }
}
