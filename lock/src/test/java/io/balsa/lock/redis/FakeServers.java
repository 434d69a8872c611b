package io.balsa.lock.redis;

import io.balsa.lock.Capability;
import io.balsa.lock.backend.Holding;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Servers whose answers a test gives. */
final class FakeServers implements Servers {
    /** One attempt that waits for its answer. */
    record Asked(Acquisition acquisition, long sentNanos, CompletableFuture<Attempt> answer) {
        Holding grant(long token) {
            Holding holding = new Holding(acquisition.key(), acquisition.owner(), token, acquisition.ttl(), sentNanos);
            answer.complete(new Attempt.Granted(holding));
            return holding;
        }

        void busyMillis(long againMillis) {
            answer.complete(new Attempt.Busy(againMillis * 1_000_000));
        }

        void fail(RequestFailure failure) {
            answer.complete(new Attempt.Failed(failure));
        }
    }

    /** Not answered yet, in the order in which they were made. */
    final List<Asked> asked = new ArrayList<>();

    /** The ids of what was released, and the owners of what was abandoned. */
    final List<String> released = new ArrayList<>();

    final List<String> abandoned = new ArrayList<>();
    final Set<String> listening = new HashSet<>();
    private final Loop loop;

    FakeServers(Loop loop) {
        this.loop = loop;
    }

    /** The only attempt that is not answered yet. */
    Asked one() {
        if (asked.size() != 1) {
            throw new AssertionError("not one attempt but " + asked.size());
        }
        return asked.remove(0);
    }

    @Override
    public String name() {
        return "a fake";
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.FENCING, Capability.SERVER_TTL);
    }

    @Override
    public CompletableFuture<Attempt> acquire(Acquisition acquisition) {
        Asked attempt = new Asked(acquisition, loop.nanoTime(), new CompletableFuture<>());
        asked.add(attempt);
        return attempt.answer();
    }

    @Override
    public CompletableFuture<?> abandon(Acquisition acquisition) {
        abandoned.add(acquisition.owner());
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Boolean> renew(Holding holding, long ttlMillis) {
        return CompletableFuture.completedFuture(true);
    }

    @Override
    public CompletableFuture<Boolean> release(Holding holding) {
        released.add(holding.id());
        return CompletableFuture.completedFuture(true);
    }

    @Override
    public CompletableFuture<Boolean> isLocked(String key) {
        return CompletableFuture.completedFuture(false);
    }

    @Override
    public void listen(String key) {
        listening.add(key);
    }

    @Override
    public void ignore(String key) {
        listening.remove(key);
    }

    @Override
    public void close() {
        // Nothing was opened.
    }
}
