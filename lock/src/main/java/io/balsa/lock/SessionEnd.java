package io.balsa.lock;

import io.balsa.statemachine.session.Registration;
import io.balsa.statemachine.session.Session;
import io.balsa.statemachine.session.SessionState;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells many leases of the end of the one session that they are bound to, as one listener of it: a session tells each of its
 * listeners the state at once, on another thread, which is too much for a lease. Thread-safe.
 */
final class SessionEnd implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SessionEnd.class);

    private final Session session;
    private final Registration registration;
    private final Set<Told> told = ConcurrentHashMap.newKeySet();

    /** Told apart by identity, and once at most: by the session, or by whoever adds it and finds the session over. */
    private final class Told implements Registration {
        private final Runnable listener;

        Told(Runnable listener) {
            this.listener = listener;
        }

        void tell() {
            if (told.remove(this)) {
                listener.run();
            }
        }

        @Override
        public void close() {
            told.remove(this);
        }
    }

    SessionEnd(Session session) {
        this.session = session;
        registration = session.addListener(this::onState);
    }

    private void onState(SessionState state) {
        if (state.isFinal()) {
            told.forEach(this::tellInSpiteOfOthers);
        }
    }

    /** One that fails must not keep the end from the others: a lease that is not told goes on believing in its lock. */
    private void tellInSpiteOfOthers(Told next) {
        try {
            next.tell();
        } catch (RuntimeException | Error failure) {
            LOG.error("a listener of the end of session {} failed", session.id(), failure);
        }
    }

    /** Calls back once when the session is over, at once if it is. */
    Registration tell(Runnable listener) {
        Told added = new Told(listener);
        told.add(added);
        // Added before the look: what ends in between is seen here or there.
        if (session.state().isFinal()) {
            added.tell();
        }
        return added;
    }

    /** How many wait for it. */
    int size() {
        return told.size();
    }

    @Override
    public void close() {
        registration.close();
    }
}
