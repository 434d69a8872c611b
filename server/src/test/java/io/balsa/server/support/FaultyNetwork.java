package io.balsa.server.support;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A network between processes that fails in one direction at a time.
 *
 * <p>Everybody is reached at {@link #HOST}, where a {@link FaultyProxy} stands before each port and hands on to {@link
 * #REAL_HOST}. So all nodes share one configuration, and who it is that connects is read from the greeting.
 */
public final class FaultyNetwork implements AutoCloseable {
    /** Where the proxies listen: another address of the loopback interface, so that the ports can be the same. */
    public static final String HOST = "127.0.0.2";

    /** Where the nodes listen. */
    public static final String REAL_HOST = "127.0.0.1";

    /** Whoever is no node. */
    public static final String CLIENTS = "clients";

    /** What becomes of the bytes that flow from one to another. */
    enum Treatment {
        DELIVER,
        /** They vanish; the connection that lost some is closed when the network heals, as half a stream is worth nothing. */
        DROP,
        /** They come late, in their order. */
        DELAY
    }

    /** One direction between two. */
    private record Direction(String from, String to) {}

    private final Map<Direction, Treatment> treatments = new ConcurrentHashMap<>();
    private final List<FaultyProxy> proxies = new CopyOnWriteArrayList<>();

    /** Stands before a port of a node. */
    void putBefore(String node, int port) {
        proxies.add(FaultyProxy.listen(this, node, port));
    }

    /** Nothing gets from one to another any more, on connections of either; the other direction stays. */
    public void cut(String from, String to) {
        treatments.put(new Direction(from, to), Treatment.DROP);
    }

    /** Whatever gets from one to another comes late. */
    public void delay(String from, String to) {
        treatments.put(new Direction(from, to), Treatment.DELAY);
    }

    /** Breaks all connections of a node; new ones are made as before. */
    public void breakConnections(String node) {
        proxies.forEach(proxy -> proxy.closeLinks(link -> link.touches(node)));
    }

    /** Everything is delivered again. */
    public void heal() {
        treatments.clear();
        proxies.forEach(proxy -> proxy.closeLinks(FaultyProxy.Link::hasLost));
    }

    /** How many bytes were dropped so far: a cut that met no traffic shows nothing. */
    public long droppedBytes() {
        return proxies.stream().mapToLong(FaultyProxy::droppedBytes).sum();
    }

    Treatment treatment(String from, String to) {
        return treatments.getOrDefault(new Direction(from, to), Treatment.DELIVER);
    }

    @Override
    public void close() {
        proxies.forEach(FaultyProxy::close);
    }
}
