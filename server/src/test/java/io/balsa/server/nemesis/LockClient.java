package io.balsa.server.nemesis;

import io.balsa.simulation.history.HistoryRecorder;
import io.balsa.statemachine.session.LockGrant;
import io.balsa.statemachine.session.LockId;
import io.balsa.statemachine.session.LockInfo;
import io.balsa.statemachine.session.Session;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;

/** Takes, renews and releases a few locks, and now and then leaves one to its time to live. */
final class LockClient extends NemesisClient {
    private static final int LOCKS = 2;
    private static final Duration WAIT = Duration.ofSeconds(1);
    private static final Duration TTL = Duration.ofSeconds(3);
    /** One that is left to its time to live ends soon, so that the others get on. */
    private static final Duration SHORT_TTL = Duration.ofMillis(300);

    LockClient(String name, String addresses, NemesisClients all, Random random) {
        super(name, addresses, all, random);
    }

    @Override
    void act(Session session) {
        String lock = all().inPhase("l" + random().nextInt(LOCKS));
        int choice = random().nextInt(12);
        if (choice == 0) {
            show(session, lock);
            return;
        }
        boolean left = choice == 1;
        acquire(session, lock, left ? SHORT_TTL : TTL).ifPresent(id -> {
            if (choice < 4) {
                renew(session, id, left ? SHORT_TTL : TTL);
            }
            if (!left) {
                ask(call("release", lock, id.token()), () -> session.locks().release(id));
            }
        });
    }

    private Optional<LockId> acquire(Session session, String lock, Duration ttl) {
        AtomicReference<LockId> granted = new AtomicReference<>();
        HistoryRecorder.Handle handle = call("acquire", lock, guaranteedMillis(ttl));
        try {
            ask(handle, () -> {
                LockGrant grant = session.locks().acquire(lock, ttl, WAIT).orElseThrow(GaveUp::new);
                granted.set(grant.id());
                return grant.token();
            });
        } catch (GaveUp e) {
            // It may have been granted too late to be of use, and was given back then: nobody was told.
            handle.info();
        }
        return Optional.ofNullable(granted.get());
    }

    private void renew(Session session, LockId id, Duration ttl) {
        ask(
                call("renew", id.name(), id.token(), guaranteedMillis(ttl)),
                () -> session.locks().renew(id, ttl).isPresent());
    }

    private void show(Session session, String lock) {
        ask(call("show", lock), () -> session.locks()
                .show(lock)
                .holder()
                .map(LockInfo.Holder::id)
                .map(LockId::token)
                .orElse(null));
    }

    /** What the client itself may believe: less than the time to live, by the drift of the clocks. */
    private static long guaranteedMillis(Duration ttl) {
        return ttl.minus(ttl.dividedBy(LockGrant.DRIFT_DIVISOR)).toMillis();
    }

    private HistoryRecorder.Handle call(String op, String lock, Object... args) {
        return all().lockRecorder().call(name(), op, lock, args);
    }

    /** The wait for a lock was over. */
    private static final class GaveUp extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
