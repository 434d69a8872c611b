package io.balsa.raft.client;

import io.balsa.raft.port.RaftService;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The servers that a client knows, the connections to them, and which of them it believes to lead. Thread-safe. */
final class Endpoints {
    private static final Logger LOG = LoggerFactory.getLogger(Endpoints.class);
    /** Servers that were only hinted at; a liar must not make the client connect to the whole world. */
    private static final int MAX_HINTED = 16;

    private final List<String> known;
    private final Function<String, RaftService> connector;
    private final Map<String, RaftService> given;
    private final String preferred;
    private final int offset;
    private final Map<String, RaftService> connected = new LinkedHashMap<>();
    private boolean closed;
    private volatile String leader;

    /**
     * @param known addresses, at least one
     * @param given services of some of them, not to be closed here
     * @param connector makes a service for any other address; must not block
     * @param preferred where to read what needs no leader; null for any
     * @param offset where to begin among the known, different for each client, so that they spread
     */
    Endpoints(
            Set<String> known,
            Map<String, RaftService> given,
            Function<String, RaftService> connector,
            String preferred,
            int offset) {
        this.known = List.copyOf(known);
        this.given = Map.copyOf(given);
        this.connector = connector;
        this.preferred = preferred;
        this.offset = offset;
    }

    Optional<String> leader() {
        return Optional.ofNullable(leader);
    }

    /** An address that was seen to lead, or is said to. */
    void leader(String address) {
        if (!address.equals(leader)) {
            leader = address;
        }
    }

    /** An address that may lead, and is worth asking first while nothing better is known. */
    void perhapsLeader(String address) {
        if (leader == null) {
            leader = address;
        }
    }

    /** An address does not lead. */
    void notLeader(String address) {
        if (address.equals(leader)) {
            leader = null;
        }
    }

    /** Whether a hint may be followed. */
    synchronized boolean mayConnectTo(String address) {
        return !address.isEmpty()
                && (given.containsKey(address)
                        || known.contains(address)
                        || connected.containsKey(address)
                        || connected.size() < known.size() + MAX_HINTED);
    }

    /** Which servers to try, best first. */
    List<String> candidates(boolean needsLeader) {
        List<String> candidates = new ArrayList<>(known.size() + 1);
        String first = needsLeader ? leader : preferred;
        if (first != null) {
            candidates.add(first);
        }
        for (int i = 0; i < known.size(); i++) {
            String address = known.get(Math.floorMod(offset + i, known.size()));
            if (!address.equals(first)) {
                candidates.add(address);
            }
        }
        return candidates;
    }

    /** The service of an address; whatever the connector throws goes up. */
    RaftService service(String address) {
        RaftService service = given.get(address);
        if (service != null) {
            return service;
        }
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("the client was closed");
            }
            service = connected.get(address);
            if (service == null) {
                service = connector.apply(address);
                connected.put(address, service);
            }
            return service;
        }
    }

    void close() {
        List<RaftService> services;
        synchronized (this) {
            closed = true;
            services = new ArrayList<>(connected.values());
            connected.clear();
        }
        for (RaftService service : services) {
            if (service instanceof AutoCloseable closeable) {
                try {
                    closeable.close();
                } catch (Exception failure) {
                    LOG.warn("closing a connection failed", failure);
                }
            }
        }
    }
}
