package io.balsa.lock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.balsa.lock.Capability;
import io.balsa.lock.DistributedLock;
import io.balsa.lock.LockLease;
import io.balsa.lock.LockOptions;
import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.OutcomeUnknownException;
import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** What is special about the locks of one Redis server, at a real one. */
class RedisLockTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final RedisLockOptions OPTIONS =
            RedisLockOptions.defaults().withRequestTimeout(Duration.ofSeconds(20));

    @TempDir
    private static Path directory;

    private static RedisProcess redis;
    private static RedisClient client;
    private static StatefulRedisConnection<String, String> connection;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeAll
    static void start() {
        redis = new RedisProcess(directory.resolve("redis")).start();
        client = RedisClient.create(redis.uri());
        connection = client.connect();
    }

    @AfterAll
    static void stop() {
        if (client != null) {
            client.shutdown();
        }
        if (redis != null) {
            redis.close();
        }
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    private static RedisCommands<String, String> commands() {
        return connection.sync();
    }

    private DistributedLock open(RedisLockOptions options) {
        DistributedLock locks = RedisLock.on(client, redis.uri(), options, LockOptions.defaults());
        opened.add(locks);
        return locks;
    }

    private LockServer server() {
        LoopThreads loop = new LoopThreads();
        LockServer server = new LockServer(client, redis.uri(), OPTIONS, loop);
        opened.add(server);
        opened.add(loop);
        return server;
    }

    private static String key(TestInfo test) {
        return test.getTestMethod().orElseThrow().getName();
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private static long soon() {
        return System.nanoTime() + LONG.toNanos();
    }

    @Test
    @Tag("case-73")
    void onlyItsOwnerReleasesOrRenewsALock(TestInfo test) throws Exception {
        LockServer server = server();
        String key = key(test);
        assertThat(get(server.acquire(key, "alice", 60_000)).kind()).isEqualTo(LockAnswer.Kind.GRANTED);
        LockAnswer bob = get(server.acquire(key, "bob", 60_000));
        assertThat(bob.kind()).isEqualTo(LockAnswer.Kind.HELD);
        assertThat(bob.number()).isBetween(1L, 60_000L + LockServer.GRAIN_MILLIS);
        for (String other : List.of("bob", "alic", "alice:", "")) {
            assertThat(get(server.release(key, other, soon()))).as(other).isFalse();
            assertThat(get(server.renew(key, other, 600_000))).as(other).isFalse();
        }
        assertThat(commands().get("balsa:lock:" + key)).startsWith("alice:");
        assertThat(commands().pttl("balsa:lock:" + key)).isLessThanOrEqualTo(60_000L + LockServer.GRAIN_MILLIS);
        assertThat(get(server.release(key, "alice", soon()))).isTrue();
        assertThat(get(server.isLocked(key))).isFalse();
    }

    @Test
    void noRenewalBringsTheEndNearer(TestInfo test) throws Exception {
        LockServer server = server();
        assertThat(get(server.acquire(key(test), "alice", 60_000)).kind()).isEqualTo(LockAnswer.Kind.GRANTED);
        assertThat(get(server.renew(key(test), "alice", 1_000))).isTrue();
        assertThat(commands().pttl("balsa:lock:" + key(test))).isGreaterThan(1_000L + LockServer.GRAIN_MILLIS);
        assertThat(get(server.renew(key(test), "alice", 600_000))).isTrue();
        assertThat(commands().pttl("balsa:lock:" + key(test))).isGreaterThan(60_000L + LockServer.GRAIN_MILLIS);
    }

    @Test
    @Tag("case-57")
    void aRequestThatIsRepeatedIsGrantedTheSame(TestInfo test) throws Exception {
        LockServer server = server();
        LockAnswer first = get(server.acquire(key(test), "alice", 1_000));
        LockAnswer again = get(server.acquire(key(test), "alice", 60_000));
        assertThat(again).isEqualTo(first);
        assertThat(commands().pttl("balsa:lock:" + key(test)))
                .as("its TTL begins anew")
                .isGreaterThan(1_000L + LockServer.GRAIN_MILLIS);
    }

    @Test
    void whoGaveUpIsNotGrantedWhatComesLate(TestInfo test) throws Exception {
        LoopThreads loop = new LoopThreads();
        ServerConnection raw = new ServerConnection(client, redis.uri(), loop, LONG);
        opened.add(raw);
        opened.add(loop);
        RedisKeys keys = new RedisKeys("balsa:");
        String key = key(test);
        Long released = get(raw.run(
                Script.ABANDON,
                new String[] {keys.lock(key), keys.abandoned("carol")},
                "carol",
                keys.released(key),
                "60000"));
        assertThat(released).isZero();
        LockServer server = server();
        assertThat(get(server.acquire(key, "carol", 60_000)).kind()).isEqualTo(LockAnswer.Kind.ABANDONED);
        assertThat(get(server.isLocked(key))).isFalse();
        assertThat(get(server.acquire(key, "bob", 60_000)).kind()).isEqualTo(LockAnswer.Kind.GRANTED);
    }

    @Test
    @Tag("case-67")
    void tokensGrowOverReleaseRestartAndTheLossOfAllData(TestInfo test) {
        DistributedLock locks = open(OPTIONS);
        List<Long> tokens = new ArrayList<>();
        tokens.add(token(locks, test));
        tokens.add(token(locks, test));
        redis.kill();
        redis.start();
        tokens.add(token(locks, test));
        commands().flushall();
        tokens.add(token(locks, test));
        // A counter that is ahead of the clock, as after the clock was set back.
        long ahead = tokens.get(3) + 1_000_000_000_000L;
        commands().set("balsa:token", Long.toString(ahead));
        tokens.add(token(locks, test));
        assertThat(tokens.get(4)).isEqualTo(ahead + 1);
        redis.kill();
        redis.start();
        tokens.add(token(locks, test));
        assertThat(tokens.get(5)).isEqualTo(ahead + 2);
        assertThat(tokens).isSorted().doesNotHaveDuplicates();
        commands().del("balsa:token");
    }

    private static long token(DistributedLock locks, TestInfo test) {
        try (LockLease lease = locks.acquire(key(test), LONG, PATIENCE)) {
            return lease.token();
        }
    }

    @Test
    void aServerThatForgotTheScriptsIsToldThemAgain(TestInfo test) {
        DistributedLock locks = open(OPTIONS);
        LockLease lease = locks.acquire(key(test), LONG);
        commands().scriptFlush();
        assertThat(lease.renew(LONG)).isTrue();
        commands().scriptFlush();
        assertThat(lease.release()).isTrue();
        commands().scriptFlush();
        assertThat(locks.tryAcquire(key(test), LONG)).isPresent();
    }

    @Test
    void aServerIsRestartedWhileSomebodyWaits(TestInfo test) throws Exception {
        DistributedLock one = open(OPTIONS);
        DistributedLock two = open(OPTIONS);
        LockLease lease = one.acquire(key(test), LONG);
        CompletableFuture<LockLease> waiting = two.acquireAsync(key(test), LONG, PATIENCE);
        awaitListening(key(test));
        redis.kill();
        redis.start();
        assertThat(lease.release()).as("what was confirmed is on disk").isTrue();
        assertThat(get(waiting).token()).isGreaterThan(lease.token());
    }

    private static void awaitListening(String key) {
        String channel = "balsa:released:" + key;
        await().atMost(PATIENCE).until(() -> commands().pubsubNumsub(channel).get(channel) > 0);
    }

    @Test
    void aWaiterAsksByItselfWhenNothingIsHeard(TestInfo test) throws Exception {
        DistributedLock locks = open(OPTIONS.withPollInterval(Duration.ofMillis(50)));
        commands().set("balsa:lock:" + key(test), "somebody");
        CompletableFuture<LockLease> waiting = locks.acquireAsync(key(test), LONG, PATIENCE);
        awaitListening(key(test));
        commands().del("balsa:lock:" + key(test));
        assertThat(get(waiting).isValid()).isTrue();
    }

    @Test
    void aWaiterHearsOfAReleaseLongBeforeItWouldAsk(TestInfo test) throws Exception {
        RedisLockOptions patient = OPTIONS.withPollInterval(Duration.ofMinutes(1));
        DistributedLock one = open(patient);
        DistributedLock two = open(patient);
        LockLease lease = one.acquire(key(test), Duration.ofHours(1));
        CompletableFuture<LockLease> waiting = two.acquireAsync(key(test), LONG, Duration.ofHours(1));
        awaitListening(key(test));
        // Its connections break: it must hear of it over the next ones.
        commands().clientKill(KillArgs.Builder.typePubsub());
        awaitListening(key(test));
        assertThat(lease.release()).isTrue();
        assertThat(waiting.get(30, TimeUnit.SECONDS).isValid()).isTrue();
    }

    @Test
    @Tag("case-60")
    void aRequestWhoseOutcomeIsUnknownIsTakenBack(TestInfo test) throws Exception {
        DistributedLock hasty = open(OPTIONS.withRequestTimeout(Duration.ofMillis(200)));
        assertThat(hasty.isLocked(key(test))).isFalse();
        redis.pause(true);
        CompletableFuture<LockLease> asked = hasty.acquireAsync(key(test), LONG, Duration.ZERO);
        try {
            assertThatThrownBy(() -> get(asked))
                    .hasCauseInstanceOf(OutcomeUnknownException.class)
                    .hasMessageContainingAll(key(test), "127.0.0.1:" + redis.port());
        } finally {
            redis.pause(false);
        }
        // The server gets all that was sent: the request, and what takes it back.
        await().atMost(PATIENCE)
                .until(() -> !commands().keys("balsa:abandoned:*").isEmpty());
        await().atMost(PATIENCE).until(() -> commands().exists("balsa:lock:" + key(test)) == 0);
        DistributedLock other = open(OPTIONS);
        assertThat(other.tryAcquire(key(test), LONG)).isPresent();
    }

    @Test
    @Tag("case-74")
    void whoGivesUpWhileTheAnswerIsOnItsWayHoldsNothing(TestInfo test) {
        DistributedLock locks = open(OPTIONS);
        assertThat(locks.isLocked(key(test))).isFalse();
        redis.pause(true);
        CompletableFuture<LockLease> asked;
        try {
            asked = locks.acquireAsync(key(test), LONG, Duration.ZERO);
            asked.cancel(false);
        } finally {
            redis.pause(false);
        }
        await().atMost(PATIENCE).until(() -> commands().exists("balsa:token") > 0);
        await().atMost(PATIENCE).until(() -> !locks.isLocked(key(test)));
        assertThat(locks.metrics().held()).isZero();
    }

    @Test
    void aServerThatIsDownIsNamed(TestInfo test) throws Exception {
        RedisProcess down = new RedisProcess(directory.resolve("down"));
        try (DistributedLock locks = RedisLock.connect(
                down.uri(),
                RedisLockOptions.defaults().withRequestTimeout(Duration.ofMillis(300)),
                LockOptions.defaults())) {
            assertThatThrownBy(() -> locks.acquire(key(test), LONG))
                    .isInstanceOf(NotAppliedException.class)
                    .hasMessageContainingAll("'" + key(test) + "'", "127.0.0.1:" + down.port());
            assertThatThrownBy(() -> locks.isLocked(key(test))).isInstanceOf(NotAppliedException.class);
            CompletableFuture<LockLease> waiting = locks.acquireAsync(key(test), LONG, PATIENCE);
            down.start();
            assertThat(get(waiting).isValid())
                    .as("it came while somebody waited")
                    .isTrue();
        } finally {
            down.close();
        }
    }

    @Test
    void aKeyOfAnotherKindIsToldAndLeftAlone(TestInfo test) {
        DistributedLock locks = open(OPTIONS);
        commands().rpush("balsa:lock:" + key(test), "not a lock");
        assertThatThrownBy(() -> locks.acquire(key(test), LONG))
                .isInstanceOf(NotAppliedException.class)
                .hasMessageContaining("WRONGTYPE");
        assertThat(commands().llen("balsa:lock:" + key(test))).isEqualTo(1);
    }

    @Test
    void locksOfAnotherPrefixAreOthers(TestInfo test) {
        DistributedLock one = open(OPTIONS);
        DistributedLock two = open(OPTIONS.withKeyPrefix("{other}:"));
        LockLease lease = one.acquire(key(test), LONG);
        assertThat(two.tryAcquire(key(test), LONG)).isPresent();
        assertThat(lease.isValid()).isTrue();
        assertThat(commands().get("{other}:lock:" + key(test)))
                .startsWith("pid-" + ProcessHandle.current().pid());
    }

    @Test
    void keepsTtlsToTheMillisecond(TestInfo test) {
        DistributedLock locks = open(OPTIONS);
        locks.acquire(key(test), Duration.ofMillis(90_123));
        assertThat(commands().pttl("balsa:lock:" + key(test))).isBetween(60_000L, 90_123L + LockServer.GRAIN_MILLIS);
        assertThat(locks.supports(Capability.SERVER_TTL)).isTrue();
        assertThat(locks.supports(Capability.MAJORITY)).isFalse();
        assertThat(locks.supports(Capability.FAIRNESS)).isFalse();
    }

    @Test
    void closesWhatItOpenedAndNothingElse(TestInfo test) {
        DistributedLock own = RedisLock.connect("redis://127.0.0.1:" + redis.port());
        own.acquire(key(test), LONG);
        own.close();
        assertThat(open(OPTIONS).isLocked(key(test))).isFalse();
        opened.forEach(each -> ((DistributedLock) each).close());
        try (StatefulRedisConnection<String, String> still = client.connect()) {
            assertThat(still.sync().ping()).isEqualTo("PONG");
        }
        await().atMost(PATIENCE).until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("balsa-lock-redis")));
    }
}
