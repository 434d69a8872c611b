package io.balsa.server.nemesis;

import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.RequestException;
import io.balsa.simulation.history.HistoryRecorder;
import io.balsa.statemachine.session.Session;
import io.balsa.statemachine.session.SessionExpiredException;
import io.balsa.statemachine.session.SessionOptions;
import java.time.Duration;
import java.util.Random;
import java.util.function.Supplier;

/** One client with one session at a time, which asks one thing after the other until it is told to end. */
abstract class NemesisClient implements Runnable {
    /** Longer than anything that the nemesis does, so that a lock ends by its own time to live first. */
    private static final Duration SESSION_TTL = Duration.ofSeconds(60);

    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(4);

    private final String name;
    private final String addresses;
    private final NemesisClients all;
    private final Random random;

    NemesisClient(String name, String addresses, NemesisClients all, Random random) {
        this.name = name;
        this.addresses = addresses;
        this.all = all;
        this.random = random;
    }

    /** Asks the next thing. */
    abstract void act(Session session);

    final String name() {
        return name;
    }

    final NemesisClients all() {
        return all;
    }

    final Random random() {
        return random;
    }

    @Override
    public final void run() {
        while (!all.isStopping()) {
            SessionOptions options = SessionOptions.builder()
                    .clientName(name)
                    .ttl(SESSION_TTL)
                    .requestTimeout(REQUEST_TIMEOUT)
                    .build();
            try {
                Session session = all.keep(Session.connect(addresses, options));
                while (!all.isStopping()) {
                    act(session);
                }
            } catch (SessionLost | RequestException e) {
                // Nothing that was asked is open any more; a new session goes on.
            }
        }
    }

    /**
     * Asks one thing, and takes down how it ended.
     *
     * @param question what is asked, giving the output for the history
     * @return the output; null when nobody knows, or nothing was done
     */
    final <T> T ask(HistoryRecorder.Handle handle, Supplier<T> question) {
        try {
            T output = question.get();
            handle.ok(output);
            all.answered();
            return output;
        } catch (NotAppliedException e) {
            handle.fail();
            return null;
        } catch (SessionExpiredException e) {
            // It may have been applied before the session expired, and its result went with the session.
            handle.info();
            throw new SessionLost();
        } catch (RequestException e) {
            handle.info();
            return null;
        }
    }

    /** The session is over; another one is needed. */
    static final class SessionLost extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
