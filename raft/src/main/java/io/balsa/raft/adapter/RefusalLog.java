package io.balsa.raft.adapter;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;

/**
 * Logs why a connection was refused or closed, once for each peer and reason: whoever is refused comes again for ever,
 * and must not fill the log. Thread-safe.
 */
final class RefusalLog {
    private static final int MAX_REMEMBERED = 1024;

    private record Key(String peer, String reason) {}

    private final Logger logger;
    private final Set<Key> logged = Collections.newSetFromMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Boolean> eldest) {
            return size() > MAX_REMEMBERED;
        }
    });

    RefusalLog(Logger logger) {
        this.logger = logger;
    }

    /**
     * Logs it unless it was logged before.
     *
     * @param peer who: a node id or a host, without the port that changes with every attempt
     * @param reason a word for the kind of refusal
     * @param text what to log
     */
    void warn(String peer, String reason, String text) {
        boolean isNew;
        synchronized (logged) {
            isNew = logged.add(new Key(peer, reason));
        }
        if (isNew) {
            logger.warn("{}", text);
        } else {
            logger.debug("{}", text);
        }
    }

    /** All is well with this peer again: its next problem is news. */
    void forget(String peer) {
        synchronized (logged) {
            logged.removeIf(key -> key.peer().equals(peer));
        }
    }
}
