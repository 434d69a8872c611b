package io.balsa.statemachine;

import com.google.protobuf.ByteString;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A session that is open: who it is, when it ends, and everything that ends with it. */
final class LiveSession extends Timed {
    private final long ttlMillis;
    private final ByteString nonce;
    private final String clientName;
    private final DuplicateTable results;

    // Null while empty, which they are in most sessions. Linked, so that their order is the same on every server.
    private Set<Holding> holdings;
    private Set<Waiter> waiters;
    private Set<ServiceKey> services;
    private Set<Arrival> arrivals;

    /** @param resultBudget for the results of all sessions */
    LiveSession(long id, long ttlMillis, ByteString nonce, String clientName, ByteBudget resultBudget) {
        super(Kind.SESSION, id);
        this.ttlMillis = ttlMillis;
        this.nonce = nonce;
        this.clientName = clientName;
        results = new DuplicateTable(resultBudget);
    }

    long ttlMillis() {
        return ttlMillis;
    }

    ByteString nonce() {
        return nonce;
    }

    String clientName() {
        return clientName;
    }

    DuplicateTable results() {
        return results;
    }

    void add(Holding holding) {
        holdings = added(holdings, holding);
    }

    void remove(Holding holding) {
        holdings = removed(holdings, holding);
    }

    void add(Waiter waiter) {
        waiters = added(waiters, waiter);
    }

    void remove(Waiter waiter) {
        waiters = removed(waiters, waiter);
    }

    void add(ServiceKey service) {
        services = added(services, service);
    }

    void remove(ServiceKey service) {
        services = removed(services, service);
    }

    void add(Arrival arrival) {
        arrivals = added(arrivals, arrival);
    }

    void remove(Arrival arrival) {
        arrivals = removed(arrivals, arrival);
    }

    /** A copy, since ending them changes the original. */
    List<Holding> holdings() {
        return holdings == null ? List.of() : List.copyOf(holdings);
    }

    /** A copy, since ending them changes the original. */
    List<Waiter> waiters() {
        return waiters == null ? List.of() : List.copyOf(waiters);
    }

    /** A copy, since ending them changes the original. */
    List<ServiceKey> services() {
        return services == null ? List.of() : List.copyOf(services);
    }

    /** A copy, since ending them changes the original. */
    List<Arrival> arrivals() {
        return arrivals == null ? List.of() : List.copyOf(arrivals);
    }

    private static <T> Set<T> added(Set<T> set, T element) {
        Set<T> result = set == null ? new LinkedHashSet<>() : set;
        result.add(element);
        return result;
    }

    private static <T> Set<T> removed(Set<T> set, T element) {
        if (set == null) {
            return null;
        }
        set.remove(element);
        return set.isEmpty() ? null : set;
    }
}
