package io.balsa.lock.consul;

import io.balsa.lock.DistributedLock;
import io.balsa.lock.LeasingLock;
import io.balsa.lock.LockOptions;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import org.kiwiproject.consul.Consul;

/**
 * Locks of a Consul cluster. Whoever uses them declares {@code org.kiwiproject:consul-client}, for which Balsa has an optional
 * dependency only.
 *
 * <p>Each holding is a session of its own at Consul, whose TTL is the lease's, and a key that exists as long as it is held:
 * neither a lost nor a released lock leaves anything behind. {@link io.balsa.lock.LockLease#id} is the session.
 *
 * <p>Guaranteed: at most one holder at a time, as Consul counts; a lease is not valid any more before Consul can give its lock
 * to another because of its TTL; {@link io.balsa.lock.LockLease#token} grows for ever. Consul keeps all this as long as a
 * majority of its servers does. The token is the index in Consul's log of the write that acquired the lock. Consul's own count
 * of a lock's acquisitions ({@code LockIndex}) begins anew when the key is deleted, by its session's end or by hand, and would
 * let an old holder pass for a new one.
 *
 * <p>Consul ends a session between one TTL and two after its last renewal, and then gives the lock to nobody for the lock delay
 * ({@link ConsulLockOptions#lockDelay}), unless the leader changes meanwhile, which forgets that. A lock whose lease ran out here is
 * given up here, which makes it one TTL and the delay. A lock that is released is free at once.
 *
 * <p>Not guaranteed: an order among those who wait; in one process they are served in the order of arrival, between processes
 * the fastest wins. That a lease lasts when an operator takes it away: who destroys its session, deletes its key, or removes
 * the agent that it was opened at from the cluster, frees the lock at once or after the lock delay, and the holder is told
 * when it renews. So with automatic renewal a lock delay of more than a third of the TTL, or the token, keeps two from working at once.
 *
 * <p>Limits: a TTL is 10 s to 24 h, longer than the agent's {@code session_ttl_min}; others are refused by
 * {@link IllegalArgumentException}. Consul fixes a session's TTL when it is opened: a renewal for longer is refused in the same
 * way, and one for shorter renews it for the TTL that it has.
 *
 * <p>Waiting costs no thread per waiter: in each process the first of those that wait for a lock has a blocking query at
 * Consul, and beyond {@value ConsulWatch#OWN_QUERIES} locks the others share one. Through a restart of the servers it goes on.
 */
public final class ConsulLock {
    private static final long KEEP_IDLE_SECONDS = 30;

    private ConsulLock() {}

    /** Locks over somebody's client, which stays open, whose leases run out unless they are renewed. */
    public static DistributedLock on(Consul client) {
        return on(client, ConsulLockOptions.defaults(), LockOptions.defaults());
    }

    /**
     * Locks over somebody's client, which stays open.
     *
     * <p>Consul's client cannot open a session without a check of the agent's node: when Consul takes the node for dead, the lock
     * is lost before its TTL is over, and free after the lock delay. A holder that cannot renew then believes in it until its TTL
     * is over, so take a TTL that is not longer than the lock delay. {@link #connect} has no such check.
     *
     * <p>Its timeouts should not be longer than the request timeout, and its
     * connection pool hold as many as there are requests at once; by default it holds five.
     *
     * @param options how they are kept at Consul
     * @param leases how leases behave
     */
    public static DistributedLock on(Consul client, ConsulLockOptions options, LockOptions leases) {
        return LeasingLock.over(new ConsulBackend(client, Optional.empty(), options, () -> {}), leases);
    }

    /** Like {@link #connect(String, ConsulLockOptions, LockOptions)}, with the defaults of both. */
    public static DistributedLock connect(String address) {
        return connect(address, ConsulLockOptions.defaults(), LockOptions.defaults());
    }

    /**
     * Locks over a client of their own, which is closed with them. The agent need not be there yet. What more a client needs (a
     * token, certificates, several agents) is given to one's own client.
     *
     * @param address of an agent: {@code http://127.0.0.1:8500}, {@code https://…}, or host and port alone
     * @param options how they are kept at Consul
     * @param leases how leases behave
     */
    public static DistributedLock connect(String address, ConsulLockOptions options, LockOptions leases) {
        String url = url(address);
        int connections = options.requests() * 2 + ConsulWatch.OWN_QUERIES;
        ConnectionPool pool = new ConnectionPool(connections, KEEP_IDLE_SECONDS, TimeUnit.SECONDS);
        long timeoutMillis = options.requestTimeout().toMillis();
        Consul client = Consul.builder()
                .withUrl(url)
                .withPing(false)
                .withConnectTimeoutMillis(timeoutMillis)
                .withReadTimeoutMillis(timeoutMillis)
                .withWriteTimeoutMillis(timeoutMillis)
                .withConnectionPool(pool)
                .build();
        OkHttpClient http = new OkHttpClient.Builder()
                .connectionPool(pool)
                .connectTimeout(options.requestTimeout())
                .readTimeout(options.requestTimeout())
                .writeTimeout(options.requestTimeout())
                .build();
        return LeasingLock.over(
                new ConsulBackend(client, Optional.of(new TtlSessions(http, url)), options, client::destroy), leases);
    }

    private static String url(String address) {
        String lower = address.toLowerCase(Locale.ROOT);
        boolean hasScheme = lower.startsWith("http://") || lower.startsWith("https://");
        String url = hasScheme ? address : "http://" + address;
        try {
            URI parsed = new URI(url);
            if (parsed.getHost() != null && (hasScheme || parsed.getPort() >= 0)) {
                return url;
            }
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(noAddress(address), e);
        }
        throw new IllegalArgumentException(noAddress(address));
    }

    private static String noAddress(String address) {
        return "'" + address + "' is no address of a Consul agent; write http://127.0.0.1:8500,"
                + " https://consul.example.org:8501, or 127.0.0.1:8500";
    }
}
