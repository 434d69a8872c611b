package io.balsa.lock.redis;

import io.balsa.lock.Capability;
import io.balsa.lock.backend.Holding;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Several servers that know nothing of each other. A lock is held by whom a majority of them granted it to, in less time than
 * its TTL; what fewer granted is given back.
 *
 * <p>Each attempt is made with an owner of its own, since what an earlier one got is being taken back.
 */
final class ServerQuorum implements Servers {
    /** Before another attempt; random, so that of several who got in each other's way one comes first. */
    private static final long LONGEST_PAUSE_MILLIS = 100;

    private static final long SHORTEST_PAUSE_MILLIS = 5;

    /** So long an attempt that failed waits for servers to take it back, before it is told. */
    private static final long GIVE_BACK_MILLIS = 250;

    private final List<LockServer> servers;
    private final Loop loop;
    private final User user;
    private final String holderName;
    private final Duration poll;

    ServerQuorum(List<LockServer> servers, RedisLockOptions options, Loop loop, User user) {
        this.servers = List.copyOf(servers);
        this.loop = loop;
        this.user = user;
        this.holderName = options.holderName();
        this.poll = options.pollInterval();
    }

    private int majority() {
        return servers.size() / 2 + 1;
    }

    @Override
    public String name() {
        return "a majority of " + servers.stream().map(LockServer::name).collect(Collectors.joining(", "));
    }

    /** Tokens of independent servers are not comparable, and a server that forgets makes two holders possible. */
    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.SERVER_TTL);
    }

    @Override
    public CompletableFuture<Attempt> acquire(Acquisition acquisition) {
        String key = acquisition.key();
        long ttlMillis = Ttl.millis(key, acquisition.ttl());
        Holding holding = new Holding(
                key, RedisBackend.newOwner(holderName), Holding.NO_TOKEN, acquisition.ttl(), loop.nanoTime());
        List<CompletableFuture<Boolean>> votes = servers.stream()
                .map(server -> server.acquire(key, holding.id(), ttlMillis)
                        .thenApply(answer -> answer.kind() == LockAnswer.Kind.GRANTED))
                .toList();
        return Votes.count(votes, majority()).thenCompose(result -> {
            if (result.isCarried() && holding.validUntilNanos() - loop.nanoTime() > 0) {
                return CompletableFuture.completedFuture(new Attempt.Granted(holding));
            }
            return giveBack(holding, votes).thenApply(done -> refused(result));
        });
    }

    /**
     * Wherever it was granted, or may yet be. Goes on in the background where a server does not answer soon.
     *
     * @return done when no server that answers has it
     */
    private CompletableFuture<Void> giveBack(Holding holding, List<CompletableFuture<Boolean>> votes) {
        CompletableFuture<?>[] back = new CompletableFuture<?>[votes.size()];
        for (int i = 0; i < back.length; i++) {
            LockServer server = servers.get(i);
            back[i] = votes.get(i)
                    .exceptionally(failure -> server.isUnsettled(holding.id()))
                    .thenCompose(mayHave -> mayHave
                            ? server.release(holding.key(), holding.id(), endOf(holding))
                            : CompletableFuture.completedFuture(false))
                    .exceptionally(failure -> false);
        }
        CompletableFuture<Void> all = CompletableFuture.allOf(back);
        user.isUnderWay(all);
        return all.copy().completeOnTimeout(null, GIVE_BACK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private long endOf(Holding holding) {
        return loop.nanoTime() + holding.ttl().toNanos();
    }

    private Attempt refused(Votes.Result result) {
        if (result.failures().size() > servers.size() - majority()) {
            return new Attempt.Failed(failure(result));
        }
        long longest = Math.max(SHORTEST_PAUSE_MILLIS + 1, Math.min(LONGEST_PAUSE_MILLIS, poll.toMillis()));
        return new Attempt.Busy(
                TimeUnit.MILLISECONDS.toNanos(ThreadLocalRandom.current().nextLong(SHORTEST_PAUSE_MILLIS, longest)));
    }

    private RequestFailure failure(Votes.Result result) {
        String reasons = result.failures().stream().map(Throwable::getMessage).collect(Collectors.joining("; "));
        return RequestFailure.of(
                result.failures().size() + " of " + servers.size() + " servers failed, where " + majority()
                        + " must agree: " + reasons,
                result.failures());
    }

    /** Each attempt that did not succeed has given back what it got. */
    @Override
    public CompletableFuture<?> abandon(Acquisition acquisition) {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Boolean> renew(Holding holding, long ttlMillis) {
        return decide(servers.stream()
                .map(server -> server.renew(holding.key(), holding.id(), ttlMillis))
                .toList());
    }

    @Override
    public CompletableFuture<Boolean> release(Holding holding) {
        List<CompletableFuture<Boolean>> votes = servers.stream()
                .map(server -> server.release(holding.key(), holding.id(), endOf(holding)))
                .toList();
        // A majority decides, but the others are to be rid of it too.
        user.isUnderWay(CompletableFuture.allOf(votes.toArray(CompletableFuture[]::new)));
        return decide(votes);
    }

    /** Somebody else's attempt may be in between, so that it seems held for a moment. */
    @Override
    public CompletableFuture<Boolean> isLocked(String key) {
        return decide(servers.stream().map(server -> server.isLocked(key)).toList());
    }

    private CompletableFuture<Boolean> decide(List<CompletableFuture<Boolean>> votes) {
        return Votes.count(votes, majority()).thenApply(result -> {
            if (result.isCarried()) {
                return true;
            }
            if (result.isRejected()) {
                return false;
            }
            throw failure(result);
        });
    }

    @Override
    public void listen(String key) {
        // Servers release one after the other: the first to tell of it would wake all waiters too early. They ask by
        // and by.
    }

    @Override
    public void ignore(String key) {
        // Nothing is heard of.
    }

    @Override
    public void close() {
        servers.forEach(LockServer::close);
    }
}
