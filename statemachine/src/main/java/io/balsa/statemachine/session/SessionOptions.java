package io.balsa.statemachine.session;

import java.time.Duration;
import java.util.Objects;

/**
 * How a session is opened. Immutable.
 *
 * @param ttl the session ends when the cluster hears nothing of it for so long
 * @param requestTimeout how long one request may take, trying again included
 * @param clientName shown to operators: who this is
 * @param clusterId refuse to talk to any other cluster; empty: any
 * @param keepAlive whether the session puts its end off by itself, after a third of its time to live without a command
 */
public record SessionOptions(
        Duration ttl, Duration requestTimeout, String clientName, String clusterId, boolean keepAlive) {
    private static final SessionOptions DEFAULTS =
            new SessionOptions(Duration.ofSeconds(15), Duration.ofSeconds(5), defaultName(), "", true);

    public SessionOptions {
        if (ttl.toMillis() <= 0) {
            throw new IllegalArgumentException("the session's ttl must be at least 1 ms, not " + ttl);
        }
        if (requestTimeout.toMillis() <= 0) {
            throw new IllegalArgumentException("the request timeout must be at least 1 ms, not " + requestTimeout);
        }
        Objects.requireNonNull(clientName, "clientName");
        Objects.requireNonNull(clusterId, "clusterId");
    }

    /** A session TTL of 15 s, a request timeout of 5 s, any cluster, kept alive. */
    public static SessionOptions defaults() {
        return DEFAULTS;
    }

    /** Begins with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    private static String defaultName() {
        return "pid-" + ProcessHandle.current().pid();
    }

    /** Gathers options. */
    public static final class Builder {
        private Duration ttl = DEFAULTS.ttl;
        private Duration requestTimeout = DEFAULTS.requestTimeout;
        private String clientName = DEFAULTS.clientName;
        private String clusterId = DEFAULTS.clusterId;
        private boolean keepAlive = DEFAULTS.keepAlive;

        private Builder() {}

        /** The session ends when the cluster hears nothing of it for so long; 15 s unless set. */
        public Builder ttl(Duration newTtl) {
            this.ttl = newTtl;
            return this;
        }

        /** How long one request may take, trying again included; 5 s unless set. */
        public Builder requestTimeout(Duration newRequestTimeout) {
            this.requestTimeout = newRequestTimeout;
            return this;
        }

        /** Shown to operators: who this is; the process id unless set. */
        public Builder clientName(String newClientName) {
            this.clientName = newClientName;
            return this;
        }

        /** Refuse to talk to any other cluster; any unless set. */
        public Builder clusterId(String newClusterId) {
            this.clusterId = newClusterId;
            return this;
        }

        /** Whether the session puts its end off by itself; true unless set. */
        public Builder keepAlive(boolean newKeepAlive) {
            this.keepAlive = newKeepAlive;
            return this;
        }

        /** Makes the options. */
        public SessionOptions build() {
            return new SessionOptions(ttl, requestTimeout, clientName, clusterId, keepAlive);
        }
    }
}
