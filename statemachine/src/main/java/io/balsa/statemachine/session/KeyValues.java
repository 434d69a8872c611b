package io.balsa.statemachine.session;

import io.balsa.raft.port.ReadConsistency;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The key-values of the cluster, as one session sees them. They outlive the session. */
public interface KeyValues {
    /** Reads a key, linearizably. */
    Optional<KeyValue> get(String key);

    /** Reads a key. */
    Optional<KeyValue> get(String key, ReadConsistency consistency);

    /** Like {@link #get(String, ReadConsistency)}. */
    CompletableFuture<Optional<KeyValue>> getAsync(String key, ReadConsistency consistency);

    /**
     * Writes a key.
     *
     * @return its new revision
     */
    long put(String key, byte[] value);

    /** Writes a key with UTF-8 text. */
    long put(String key, String text);

    /** Like {@link #put(String, byte[])}. */
    CompletableFuture<Long> putAsync(String key, byte[] value);

    /**
     * Deletes a key.
     *
     * @return whether it had a value
     */
    boolean delete(String key);

    /** Like {@link #delete}. */
    CompletableFuture<Boolean> deleteAsync(String key);

    /** Writes a key if it is as expected. */
    CompareAndSetResult compareAndSet(String key, Expected expected, byte[] newValue);

    /** Like {@link #compareAndSet}. */
    CompletableFuture<CompareAndSetResult> compareAndSetAsync(String key, Expected expected, byte[] newValue);
}
