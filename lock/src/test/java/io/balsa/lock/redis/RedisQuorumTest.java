package io.balsa.lock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.balsa.lock.Capability;
import io.balsa.lock.DistributedLock;
import io.balsa.lock.LockLease;
import io.balsa.lock.LockOptions;
import io.balsa.lock.UnsupportedCapabilityException;
import io.balsa.raft.client.RequestException;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Locks of three servers that know nothing of each other, some of which fail. */
class RedisQuorumTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final String KEY = "orders";
    private static final RedisLockOptions OPTIONS =
            RedisLockOptions.defaults().withRequestTimeout(Duration.ofSeconds(2));

    @TempDir
    private Path directory;

    private final List<RedisProcess> servers = new ArrayList<>();
    private final List<DistributedLock> opened = new ArrayList<>();
    private final RedisClient client = RedisClient.create();

    @BeforeEach
    void start() {
        for (int i = 0; i < 3; i++) {
            servers.add(new RedisProcess(directory.resolve("redis" + i)).start());
        }
    }

    @AfterEach
    void stop() {
        opened.forEach(DistributedLock::close);
        client.shutdown();
        servers.forEach(RedisProcess::close);
    }

    private List<RedisURI> uris() {
        return servers.stream().map(RedisProcess::uri).toList();
    }

    private DistributedLock open() {
        DistributedLock locks = RedisLock.quorum(uris(), OPTIONS, LockOptions.defaults());
        opened.add(locks);
        return locks;
    }

    private String holderAt(int server) {
        try (StatefulRedisConnection<String, String> connection =
                client.connect(servers.get(server).uri())) {
            return connection.sync().get("balsa:lock:" + KEY);
        }
    }

    private void set(int server, String holder) {
        try (StatefulRedisConnection<String, String> connection =
                client.connect(servers.get(server).uri())) {
            connection.sync().set("balsa:lock:" + KEY, holder);
        }
    }

    private void delete(int server) {
        try (StatefulRedisConnection<String, String> connection =
                client.connect(servers.get(server).uri())) {
            connection.sync().del("balsa:lock:" + KEY);
        }
    }

    @Test
    void oneOfThreeMayBeDown() {
        DistributedLock one = open();
        DistributedLock two = open();
        servers.get(1).kill();
        LockLease lease = one.acquire(KEY, LONG, PATIENCE);
        assertThat(holderAt(0)).startsWith(lease.id());
        assertThat(holderAt(2)).startsWith(lease.id());
        assertThat(two.tryAcquire(KEY, LONG)).isEmpty();
        assertThat(two.isLocked(KEY)).isTrue();
        assertThat(lease.renew(LONG)).isTrue();
        servers.get(1).start();
        assertThat(two.tryAcquire(KEY, LONG))
                .as("the one that came back does not decide")
                .isEmpty();
        assertThat(lease.release()).isTrue();
        assertThat(two.acquire(KEY, LONG, PATIENCE).isValid()).isTrue();
    }

    @Test
    void withTwoOfThreeDownNothingIsGrantedAndNothingLeft() {
        DistributedLock locks = open();
        servers.get(0).kill();
        servers.get(1).kill();
        assertThatThrownBy(() -> locks.acquire(KEY, LONG))
                .isInstanceOf(RequestException.class)
                .hasMessageContainingAll("2 of 3", "127.0.0.1:" + servers.get(0).port());
        await().atMost(PATIENCE).until(() -> holderAt(2) == null);
        servers.get(0).start();
        servers.get(1).start();
        assertThat(locks.acquire(KEY, LONG, PATIENCE).isValid()).isTrue();
    }

    @Test
    void whatAMinorityGrantedIsGivenBack() throws Exception {
        set(0, "somebody:1");
        set(1, "somebody:1");
        DistributedLock locks = open();
        assertThat(locks.tryAcquire(KEY, LONG)).isEmpty();
        assertThat(holderAt(2)).isNull();
        assertThat(holderAt(0)).isEqualTo("somebody:1");
        CompletableFuture<LockLease> waiting = locks.acquireAsync(KEY, LONG, PATIENCE);
        delete(0);
        LockLease lease = waiting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(holderAt(0)).startsWith(lease.id());
        assertThat(holderAt(1)).isEqualTo("somebody:1");
        assertThat(lease.release()).isTrue();
        await().atMost(PATIENCE).until(() -> holderAt(0) == null && holderAt(2) == null);
        assertThat(holderAt(1)).isEqualTo("somebody:1");
    }

    @Test
    void aServerThatDoesNotAnswerHoldsNothingUp() {
        DistributedLock locks = open();
        servers.get(0).pause(true);
        try {
            LockLease lease = locks.acquire(KEY, LONG);
            assertThat(lease.isValid()).isTrue();
            assertThat(lease.release()).isTrue();
        } finally {
            servers.get(0).pause(false);
        }
        await().atMost(PATIENCE).until(() -> holderAt(0) == null);
        assertThat(locks.isLocked(KEY)).isFalse();
    }

    @Test
    @Tag("case-72")
    void isLostWhenAMajorityKnowsNothingOfIt() {
        DistributedLock locks = open();
        LockLease lease = locks.acquire(KEY, LONG);
        delete(0);
        assertThat(lease.renew(LONG)).as("two still know").isTrue();
        delete(1);
        assertThat(lease.renew(LONG)).isFalse();
        assertThat(lease.isValid()).isFalse();
    }

    @Test
    void hasNoTokensAndSaysSo() {
        DistributedLock locks = open();
        assertThat(locks.supports(Capability.FENCING)).isFalse();
        assertThat(locks.supports(Capability.MAJORITY)).isFalse();
        assertThat(locks.supports(Capability.SERVER_TTL)).isTrue();
        LockLease lease = locks.acquire(KEY, LONG);
        assertThatThrownBy(lease::token)
                .isInstanceOf(UnsupportedCapabilityException.class)
                .hasMessageContaining("FENCING");
    }

    @Test
    void needsThreeDifferentServers() {
        assertThatThrownBy(() -> RedisLock.quorum(uris().subList(0, 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 3");
        assertThatThrownBy(() -> RedisLock.quorum(List.of(uris().get(0), uris().get(1), uris().get(0))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("named twice");
    }
}
