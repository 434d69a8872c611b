package io.balsa.lock;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** Knows lock implementations by name, so that configuration can choose one. Thread-safe. */
public final class LockManager {
    private final Map<String, DistributedLock> locks = new ConcurrentHashMap<>();

    /**
     * Adds an implementation.
     *
     * @throws IllegalArgumentException if the name is taken
     */
    public void register(String name, DistributedLock lock) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(lock, "lock");
        if (locks.putIfAbsent(name, lock) != null) {
            throw new IllegalArgumentException("a lock implementation named '" + name + "' is registered already");
        }
    }

    /** Takes an implementation away. Its leases live on. */
    public void unregister(String name) {
        locks.remove(name);
    }

    /** Looks an implementation up. */
    public Optional<DistributedLock> find(String name) {
        return Optional.ofNullable(locks.get(name));
    }

    /**
     * Looks an implementation up that must be there.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public DistributedLock get(String name) {
        return find(name)
                .orElseThrow(() -> new IllegalArgumentException(
                        "no lock implementation is named '" + name + "'; there are " + names()));
    }

    /**
     * Acquires a lock of a named implementation, waiting for it.
     *
     * @param name of the implementation
     * @throws IllegalArgumentException if there is none of that name
     * @throws LockNotAcquiredException if the lock was not free in time
     */
    public LockLease acquire(String name, String key, Duration ttl, Duration wait) {
        return get(name).acquire(key, ttl, wait);
    }

    /** All names, sorted. */
    public Set<String> names() {
        return new TreeMap<>(locks).keySet();
    }
}
