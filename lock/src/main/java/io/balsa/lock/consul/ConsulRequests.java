package io.balsa.lock.consul;

import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.kiwiproject.consul.Consul;
import org.kiwiproject.consul.ConsulException;
import org.kiwiproject.consul.async.ConsulResponseCallback;
import org.kiwiproject.consul.model.ConsulResponse;
import org.kiwiproject.consul.model.kv.Operation;
import org.kiwiproject.consul.model.kv.TxResponse;
import org.kiwiproject.consul.model.kv.Value;
import org.kiwiproject.consul.model.kv.Verb;
import org.kiwiproject.consul.model.session.ImmutableSession;
import org.kiwiproject.consul.model.session.SessionInfo;
import org.kiwiproject.consul.option.ConsistencyMode;
import org.kiwiproject.consul.option.ImmutableQueryOptions;
import org.kiwiproject.consul.option.QueryOptions;

/**
 * The requests that locks are made of, in Consul's terms. Those without a callback block, within the timeouts of the client;
 * what fails is thrown as {@link ConsulException}, which {@link ConsulFailures} reads.
 */
final class ConsulRequests {
    /**
     * What becomes of a session's keys at its end. They vanish, so that no lock leaves anything behind: tokens do not depend on
     * what a key has been.
     */
    private static final String DELETE = "delete";

    /** How long an agent may wait for a change: with the sixteenth that it adds, less than clients wait for any answer. */
    private static final int WAIT_SECONDS = 8;

    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;

    private final Consul client;
    private final Optional<TtlSessions> sessions;
    private final ConsulLockOptions options;

    /**
     * A key as it was read.
     *
     * @param session of the holder; empty: it is free
     * @param index of Consul's, after which to wait for a change
     */
    record KeyState(Optional<String> session, BigInteger index) {}

    /**
     * The keys under the prefix that are held.
     *
     * @param index of Consul's, after which to wait for a change
     */
    record HeldKeys(Set<String> keys, BigInteger index) {
        private static HeldKeys of(ConsulResponse<List<Value>> answer) {
            // There is no list when there are no keys.
            List<Value> values = answer.getResponse() == null ? List.of() : answer.getResponse();
            return new HeldKeys(
                    values.stream()
                            .filter(value -> value.getSession().isPresent())
                            .map(Value::getKey)
                            .collect(Collectors.toUnmodifiableSet()),
                    answer.getIndex());
        }
    }

    /** @param sessions opens sessions; otherwise the client does, with Consul's check of the agent's node */
    ConsulRequests(Consul client, Optional<TtlSessions> sessions, ConsulLockOptions options) {
        this.client = client;
        this.sessions = sessions;
        this.options = options;
    }

    /** Opens a session. @return its id */
    String createSession(Duration ttl) {
        String lockDelay = options.lockDelay().toMillis() + "ms";
        if (sessions.isPresent()) {
            return sessions.get().open(options.owner(), millis(ttl), lockDelay, DELETE);
        }
        return client.sessionClient()
                .createSession(ImmutableSession.builder()
                        .name(options.owner())
                        .ttl(millis(ttl))
                        .lockDelay(lockDelay)
                        .behavior(DELETE)
                        .build())
                .getId();
    }

    /** Consul must not count less than the holder does. */
    private static String millis(Duration ttl) {
        return ttl.plusNanos(999_999).toMillis() + "ms";
    }

    /** Puts the end of a session off. @return whether it is there still */
    boolean renewSession(String session) {
        try {
            Optional<SessionInfo> renewed = client.sessionClient().renewSession(session);
            return renewed.isPresent();
        } catch (ConsulException e) {
            if (e.getCode() == NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    /** Does nothing when it has ended already. */
    void destroySession(String session) {
        client.sessionClient().destroySession(session);
    }

    /**
     * Takes a key for a session, once or again: a transaction, since its answer tells the index too.
     *
     * @return the index in Consul's log of the write that took it; empty when it is another's, or nobody's during a lock delay
     */
    OptionalLong lock(String key, String session) {
        return transact(Operation.builder(Verb.LOCK)
                        .key(key)
                        .value(options.owner())
                        .session(session)
                        .build())
                .map(answer -> answer.results().get(0).values().iterator().next())
                .map(value -> OptionalLong.of(value.getModifyIndex()))
                .orElseGet(OptionalLong::empty);
    }

    /** Gives a key back. Not by the end of the session, for that would begin a lock delay. @return whether it was its */
    boolean unlock(String key, String session) {
        return transact(
                        Operation.builder(Verb.CHECK_SESSION)
                                .key(key)
                                .session(session)
                                .build(),
                        Operation.builder(Verb.DELETE).key(key).build())
                .isPresent();
    }

    private Optional<TxResponse> transact(Operation... operations) {
        try {
            return Optional.of(
                    client.keyValueClient().performTransaction(operations).getResponse());
        } catch (ConsulException e) {
            if (e.getCode() == CONFLICT) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Reads a key as its leader has it: good enough to decide whether to try. */
    KeyState read(String key) {
        return read(key, ConsistencyMode.DEFAULT);
    }

    /** Reads a key as a majority has it. */
    KeyState readCertainly(String key) {
        return read(key, ConsistencyMode.CONSISTENT);
    }

    private KeyState read(String key, ConsistencyMode mode) {
        QueryOptions query =
                ImmutableQueryOptions.builder().consistencyMode(mode).build();
        return client.keyValueClient()
                .getConsulResponseWithValue(key, query)
                .map(answer -> new KeyState(answer.getResponse().getSession(), answer.getIndex()))
                .orElse(new KeyState(Optional.empty(), BigInteger.ZERO));
    }

    /** Calls back, on a thread of the network's, once a key has changed since an index, or after a while. Does not block. */
    void awaitChange(String key, BigInteger index, BiConsumer<KeyState, Throwable> done) {
        client.keyValueClient()
                .getValue(
                        key,
                        blocking(index),
                        callback((ConsulResponse<Optional<Value>> answer, Throwable failure) -> done.accept(
                                failure == null
                                        ? new KeyState(
                                                answer.getResponse().flatMap(Value::getSession), answer.getIndex())
                                        : null,
                                failure)));
    }

    /**
     * Calls back, on a thread of the network's, once any key under the prefix has changed since an index, or after a while. Does
     * not block.
     */
    void awaitAnyChange(BigInteger index, BiConsumer<HeldKeys, Throwable> done) {
        client.keyValueClient()
                .getValues(
                        options.prefix(),
                        blocking(index),
                        callback((answer, failure) ->
                                done.accept(failure == null ? HeldKeys.of(answer) : null, failure)));
    }

    private static QueryOptions blocking(BigInteger index) {
        return QueryOptions.blockSeconds(WAIT_SECONDS, index).build();
    }

    private static <T> ConsulResponseCallback<T> callback(BiConsumer<ConsulResponse<T>, Throwable> done) {
        return new ConsulResponseCallback<>() {
            @Override
            public void onComplete(ConsulResponse<T> answer) {
                done.accept(answer, null);
            }

            @Override
            public void onFailure(Throwable failure) {
                done.accept(null, failure);
            }
        };
    }
}
