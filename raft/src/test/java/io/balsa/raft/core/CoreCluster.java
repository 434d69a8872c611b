package io.balsa.raft.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Bare cores joined by a pool of messages. Nothing happens by itself: every tick, delivery, loss, sync and crash is a call,
 * so the same calls always have the same effects.
 */
final class CoreCluster {
    static final long HEARTBEAT_MILLIS = 100;
    static final long ELECTION_TIMEOUT_MILLIS = 500;
    private static final int MAX_ROUNDS = 10_000;
    private static final int MAX_ATTEMPTS = 3;

    private final Map<NodeId, CoreServer> servers = new TreeMap<>();
    private final List<Message> inFlight = new ArrayList<>();
    private final Set<Link> cuts = new HashSet<>();
    private UnaryOperator<Message> tampering = UnaryOperator.identity();
    private long lastRequestId;

    CoreCluster(Collection<CoreOptions> options, ClusterObserver observer) {
        for (CoreOptions each : options) {
            servers.put(each.self(), new CoreServer(each, this::send, observer));
        }
    }

    /** A cluster of servers n1, n2, … with the usual bounds, all running, all with empty disks. */
    static CoreCluster of(int servers) {
        return of(servers, servers);
    }

    /** So many voters, and servers that belong to no group yet. */
    static CoreCluster of(int voters, int servers) {
        CoreCluster cluster = new CoreCluster(usualOptions(voters, servers), new ClusterObserver() {});
        cluster.servers().forEach(CoreServer::start);
        return cluster;
    }

    static List<CoreOptions> usualOptions(int servers) {
        return usualOptions(servers, servers);
    }

    /** So many voters, and servers that belong to no group yet. */
    static List<CoreOptions> usualOptions(int voters, int servers) {
        List<NodeId> ids = ids(voters);
        List<CoreOptions> options = new ArrayList<>();
        for (NodeId id : ids(servers)) {
            List<NodeId> group = ids.contains(id) ? ids : List.of();
            options.add(CoreOptions.of(id, group, HEARTBEAT_MILLIS, ELECTION_TIMEOUT_MILLIS, options.size() + 1L));
        }
        return options;
    }

    static List<NodeId> ids(int servers) {
        List<NodeId> ids = new ArrayList<>();
        for (int i = 1; i <= servers; i++) {
            ids.add(NodeId.of("n" + i));
        }
        return ids;
    }

    Collection<CoreServer> servers() {
        return servers.values();
    }

    CoreServer server(NodeId id) {
        return Optional.ofNullable(servers.get(id)).orElseThrow(() -> new IllegalArgumentException("no server " + id));
    }

    CoreServer server(String id) {
        return server(NodeId.of(id));
    }

    /** The messages under way, in the order in which they were sent. */
    List<Message> inFlight() {
        return Collections.unmodifiableList(inFlight);
    }

    private void send(Message message) {
        if (!cuts.contains(Link.of(message))) {
            inFlight.add(tampering.apply(message));
        }
    }

    /** Changes every message that is sent, to show that the checks notice. */
    void tamperWith(UnaryOperator<Message> change) {
        tampering = change;
    }

    /** Messages on this link are lost from now on, those under way too. */
    void cut(Link link) {
        cuts.add(link);
        inFlight.removeIf(link::carries);
    }

    /** Cuts a server off from all others. */
    void isolate(NodeId id) {
        for (NodeId other : servers.keySet()) {
            if (!other.equals(id)) {
                cut(new Link(id, other));
                cut(new Link(other, id));
            }
        }
    }

    /** Joins all that was cut. */
    void heal() {
        cuts.clear();
    }

    boolean isCut(Link link) {
        return cuts.contains(link);
    }

    void inject(Message message) {
        inFlight.add(message);
    }

    /** Takes messages out of the network. */
    List<Message> takeOut(Predicate<Message> which) {
        List<Message> taken = inFlight.stream().filter(which).toList();
        inFlight.removeIf(which);
        return taken;
    }

    /** Takes this one message out, none of its duplicates. */
    void takeOutOnce(Message message) {
        inFlight.remove(message);
    }

    Message takeOut(int position) {
        return inFlight.remove(position);
    }

    /** Delivers a message that was taken out of the network; it is lost when the receiver is down. */
    void deliver(Message message) {
        CoreServer receiver = server(message.to());
        if (receiver.isReceptive()) {
            receiver.step(new Input.Receive(message));
        } else if (receiver.isUp()) {
            inFlight.add(message);
        }
    }

    /** Delivers the messages that are under way now, but not those that they cause. */
    void deliver(Predicate<Message> which) {
        takeOut(which).forEach(this::deliver);
    }

    void deliverAll() {
        deliver(message -> true);
    }

    /** Delivers and persists until nothing more happens. */
    void settle() {
        for (int round = 0; round < MAX_ROUNDS; round++) {
            boolean quiet =
                    inFlight.stream().noneMatch(message -> server(message.to()).isReceptive());
            deliverAll();
            for (CoreServer server : servers.values()) {
                if (server.isReceptive() && server.hasWork()) {
                    quiet = false;
                    server.persist();
                }
            }
            if (quiet) {
                return;
            }
        }
        throw new AssertionError("the cluster does not come to rest");
    }

    void tick(NodeId id, long millis) {
        server(id).step(new Input.Tick(millis));
    }

    void tick(String id, long millis) {
        tick(NodeId.of(id), millis);
    }

    /** Lets time pass on every running server in small steps, delivering and persisting all the while. */
    void run(long millis) {
        long step = 10;
        for (long passed = 0; passed < millis; passed += step) {
            for (CoreServer server : servers.values()) {
                if (server.isReceptive()) {
                    server.step(new Input.Tick(step));
                }
            }
            settle();
        }
    }

    /** Lets time pass on one server until it asks for votes. */
    void timeOut(String id) {
        CoreServer server = server(id);
        int asked = 0;
        for (long waited = 0; asked == 0; ) {
            Invariant.check(waited <= 4 * server.options().electionTimeoutMillis(), "an election timeout elapses");
            int before = inFlight.size();
            long millis = server.core().millisUntilTimeout();
            waited += millis;
            server.step(new Input.Tick(millis));
            asked = (int) inFlight.stream()
                    .skip(before)
                    .filter(message -> message instanceof Message.PreVote || message instanceof Message.RequestVote)
                    .count();
            if (server.isLeader()) {
                return;
            }
        }
    }

    /** Makes a server the leader, of all those that it can reach. */
    void elect(String id) {
        CoreServer candidate = server(id);
        // The others must have missed the old leader for long enough to listen to another candidate.
        for (CoreServer server : servers.values()) {
            boolean isReached = !isCut(new Link(candidate.id(), server.id()));
            if (server != candidate
                    && isReached
                    && server.isReceptive()
                    && (server.core().leader().isPresent() || !server.hasSeenTime())) {
                server.step(new Input.Tick(ELECTION_TIMEOUT_MILLIS));
            }
        }
        inFlight.removeIf(message -> !message.from().equals(candidate.id()));
        // A first attempt may only tell it about a later term.
        for (int attempt = 0; attempt < MAX_ATTEMPTS && !candidate.isLeader(); attempt++) {
            timeOut(id);
            settle();
        }
        Invariant.check(candidate.isLeader(), "the candidate won");
    }

    /** Starts a server again with this on its disk; the log is given by the terms of its entries. */
    void given(String id, HardState hardState, long... terms) {
        CoreServer server = server(id);
        server.crash(0);
        server.disk().save(hardState);
        List<LogEntry> entries = new ArrayList<>();
        for (long term : terms) {
            entries.add(new LogEntry(entries.size() + 1L, term, EntryType.COMMAND, 0, new byte[0]));
        }
        if (!entries.isEmpty()) {
            server.disk().queue(new Ready.Append(1, entries));
            server.disk().sync(1);
        }
        server.start();
        // It has been up for so long that it need not protect a leader which it may have had before.
        server.step(new Input.Tick(ELECTION_TIMEOUT_MILLIS));
    }

    /** The same for a server that is in the term of its last entry and has no vote in it. */
    void given(String id, long... terms) {
        given(id, new HardState(terms[terms.length - 1], Optional.empty()), terms);
    }

    long nextRequestId() {
        return ++lastRequestId;
    }

    long propose(String id, String payload) {
        long requestId = nextRequestId();
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        server(id).step(new Input.Propose(requestId, EntryType.COMMAND, bytes));
        return requestId;
    }

    Optional<CoreServer> leader() {
        return servers.values().stream()
                .filter(CoreServer::isLeader)
                .max((a, b) -> Long.compare(a.core().term(), b.core().term()));
    }
}
