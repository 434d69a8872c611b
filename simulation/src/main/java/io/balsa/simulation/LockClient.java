package io.balsa.simulation;

import io.balsa.simulation.history.HistoryRecorder;
import io.balsa.statemachine.session.LockGrant;
import io.balsa.statemachine.session.LockId;
import io.balsa.statemachine.session.LockRequest;
import io.balsa.statemachine.session.Session;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/** Takes one of a few locks in one way or another, reads or writes under it, renews it, and gives it back; or forgets to. */
final class LockClient {
    private static final List<String> MUTEXES = List.of("l0", "l1");
    private static final String READ_WRITE_LOCK = "rw";
    private static final String SEMAPHORE = "seats";
    private static final int CAPACITY = 3;
    private static final int LONGEST_PAUSE_MILLIS = 800;
    /** Longer than sessions live: who waits may be gone before its turn comes. */
    private static final int LONGEST_WAIT_MILLIS = 12_000;

    private final CoordinationClient client;
    private final ClientProcess process;
    private final Session session;
    private final SplittableRandom random;
    private final LockWatch watch;

    LockClient(CoordinationClient client, ClientProcess process, Session session, LockWatch watch) {
        this.client = client;
        this.process = process;
        this.session = session;
        this.random = process.random();
        this.watch = watch;
    }

    void begin() {
        later(this::acquire);
    }

    private void later(Runnable task) {
        process.after(Duration.ofMillis(random.nextInt(LONGEST_PAUSE_MILLIS)), () -> {
            if (client.goesOn()) {
                task.run();
            }
        });
    }

    private HistoryRecorder.Handle call(String op, String lock, Object... args) {
        String history = MUTEXES.contains(lock) ? CoordinationWorkload.LOCKS : CoordinationWorkload.SHARED_LOCKS;
        return client.context().history(history).call(process.name(), op, lock, args);
    }

    /** One of the locks that there are. */
    static String drawName(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> READ_WRITE_LOCK;
            case 1 -> SEMAPHORE;
            default -> MUTEXES.get(random.nextInt(MUTEXES.size()));
        };
    }

    private LockRequest drawRequest(String lock, Duration ttl) {
        return switch (lock) {
            case READ_WRITE_LOCK ->
                random.nextInt(3) == 0 ? LockRequest.exclusive(lock, ttl) : LockRequest.shared(lock, ttl);
            case SEMAPHORE -> LockRequest.permits(lock, 1 + random.nextInt(CAPACITY), CAPACITY, ttl);
            default -> LockRequest.exclusive(lock, ttl);
        };
    }

    private void acquire() {
        String lock = drawName(random);
        Duration ttl = Duration.ofMillis(random.nextInt(400, 3_000));
        Duration wait = random.nextInt(3) == 0
                ? Duration.ZERO
                : Duration.ofMillis(random.nextInt(random.nextInt(4) == 0 ? LONGEST_WAIT_MILLIS : 2_000));
        LockRequest request = drawRequest(lock, ttl).waiting(wait);
        HistoryRecorder.Handle handle = call("acquire", lock);
        CompletableFuture<?> unused = session.locks().acquireAsync(request).whenComplete((grant, failure) -> {
            if (failure != null) {
                client.settled(handle, "acquire " + lock, failure);
                later(this::acquire);
            } else if (grant.isEmpty()) {
                // Who waited in vain knows nothing of any moment.
                handle.fail();
                client.succeeded("acquire " + lock, "not in time");
                later(this::acquire);
            } else {
                handle.ok(grant.get().token());
                client.succeeded("acquire " + lock, grant.get().token());
                hold(grant.get(), watch.granted(process, session, request, grant.get()));
            }
        });
    }

    private void hold(LockGrant grant, LockWatch.Belief belief) {
        later(() -> {
            if (belief.isHeld()) {
                // The access is on its way; meanwhile, anything may happen to the lock.
                process.after(
                        Duration.ofMillis(random.nextInt(LONGEST_PAUSE_MILLIS)),
                        () -> watch.access(grant.name(), belief));
            }
            int choice = random.nextInt(10);
            if (choice < 3) {
                renew(grant, belief);
            } else if (choice < 5) {
                later(() -> hold(grant, belief));
            } else if (choice < 9) {
                release(grant.id(), belief);
            } else {
                process.note(() -> "forgets lock " + grant.name());
                belief.end();
                later(this::acquire);
            }
        });
    }

    private void renew(LockGrant grant, LockWatch.Belief belief) {
        LockId id = grant.id();
        HistoryRecorder.Handle handle = call("renew", id.name(), id.token());
        Duration ttl = Duration.ofMillis(random.nextInt(400, 3_000));
        CompletableFuture<?> unused = session.locks().renewAsync(id, ttl).whenComplete((renewed, failure) -> {
            if (failure != null) {
                client.settled(handle, "renew " + id.name(), failure);
            } else {
                handle.ok(renewed.isPresent());
                client.succeeded("renew " + id.name() + " " + id.token(), renewed.isPresent());
                extend(belief, renewed);
            }
            if (belief.isHeld()) {
                hold(renewed == null ? grant : renewed.orElse(grant), belief);
            } else {
                later(this::acquire);
            }
        });
    }

    private static void extend(LockWatch.Belief belief, Optional<LockGrant> renewed) {
        if (renewed.isPresent()) {
            belief.renewed(renewed.get());
        } else {
            belief.end();
        }
    }

    private void release(LockId id, LockWatch.Belief belief) {
        belief.end();
        HistoryRecorder.Handle handle = call("release", id.name(), id.token());
        CompletableFuture<?> unused = session.locks().releaseAsync(id).whenComplete((released, failure) -> {
            if (failure != null) {
                client.settled(handle, "release " + id.name(), failure);
            } else {
                handle.ok(released);
                client.succeeded("release " + id.name() + " " + id.token(), released);
            }
            later(this::acquire);
        });
    }
}
