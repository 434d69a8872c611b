package io.balsa.server.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.balsa.raft.client.RequestException;
import io.balsa.statemachine.session.Session;
import io.balsa.statemachine.session.SessionOptions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** A client that writes key after key until it is stopped, and remembers which of them were acknowledged. */
public final class AcknowledgedWrites implements AutoCloseable {
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);

    private final JarCluster cluster;
    private final String prefix;
    private final int valueBytes;
    private final Map<String, String> acknowledged = new ConcurrentHashMap<>();
    private final Thread thread;
    private volatile Throwable unforeseen;
    private volatile boolean stopping;

    private AcknowledgedWrites(JarCluster cluster, String prefix, int valueBytes) {
        this.cluster = cluster;
        this.prefix = prefix;
        this.valueBytes = valueBytes;
        this.thread = new Thread(this::write, "writes-" + prefix);
        thread.setUncaughtExceptionHandler((at, failure) -> unforeseen = failure);
    }

    /** Begins to write small values. */
    public static AcknowledgedWrites begin(JarCluster cluster, String prefix) {
        return begin(cluster, prefix, 0);
    }

    /** Begins to write values of at least a size. */
    public static AcknowledgedWrites begin(JarCluster cluster, String prefix, int valueBytes) {
        AcknowledgedWrites writes = new AcknowledgedWrites(cluster, prefix, valueBytes);
        writes.thread.start();
        return writes;
    }

    private void write() {
        int number = 0;
        while (!stopping) {
            try (Session session = connect()) {
                while (!stopping) {
                    String key = prefix + number++;
                    String value = "value of " + key + " ".repeat(valueBytes);
                    session.keyValues().put(key, value);
                    acknowledged.put(key, value);
                }
            } catch (RequestException e) {
                // Not acknowledged: this key may be there or not. A new session, as the old one may have expired.
            }
        }
    }

    private Session connect() {
        return Session.connect(
                cluster.addresses(),
                SessionOptions.builder().requestTimeout(REQUEST_TIMEOUT).build());
    }

    public int count() {
        return acknowledged.size();
    }

    /** Waits until so many more writes are acknowledged. */
    public void awaitMore(int more) {
        int enough = count() + more;
        await(more + " more writes are acknowledged")
                .atMost(JarProcess.PATIENCE)
                .failFast(() -> assertThat(unforeseen).isNull())
                .until(() -> count() >= enough);
    }

    /** Ends the client; what it had acknowledged is remembered. */
    public void stop() {
        stopping = true;
        try {
            TimeUnit.MILLISECONDS.timedJoin(thread, JarProcess.PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        assertThat(thread.isAlive()).as("%s ends", thread.getName()).isFalse();
        assertThat(unforeseen).isNull();
    }

    /** Whatever was acknowledged is there, by a linearizable read and on each of the nodes. */
    public void verify() {
        Agreement.await(cluster);
        verifyLinearizably();
        for (String id : cluster.ids()) {
            try (NodeView view = cluster.view(id)) {
                acknowledged.forEach(
                        (key, value) -> assertThat(view.local(key).getValue().toStringUtf8())
                                .as("acknowledged key %s on %s", key, id)
                                .isEqualTo(value));
            }
        }
    }

    /** Whatever was acknowledged is there, by a linearizable read. */
    public void verifyLinearizably() {
        try (Session session = connect()) {
            acknowledged.forEach((key, value) -> assertThat(session.keyValues().get(key))
                    .as("acknowledged key %s", key)
                    .hasValueSatisfying(found -> assertThat(found.text()).isEqualTo(value)));
        }
    }

    @Override
    public void close() {
        stopping = true;
        thread.interrupt();
    }
}
