package io.balsa.simulation;

import io.balsa.raft.client.RaftClient;
import io.balsa.raft.client.Timer;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.RaftService;
import io.balsa.raft.port.ReadConsistency;
import io.balsa.statemachine.session.SessionRuntime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** One process of a client, on a machine of its own: its clock, its way to the servers, and its life. */
final class SimulatedClient implements ClientProcess {
    private static final long MICRO = 1_000;
    private static final long CALL_BACK_NANOS = 20 * MICRO;
    private static final int ONE_STRONG_READ_ANYWHERE_OF = 6;
    /** When nothing comes back, a connection gives up. */
    private static final long CONNECTION_TIMEOUT_NANOS = 3_000_000_000L;

    private final Cluster cluster;
    private final World world;
    private final int endpoint;
    private final String name;
    private final SplittableRandom random;
    private final SimulatedClock clock;
    private long pausedUntilNanos;
    private boolean gone;

    SimulatedClient(Cluster cluster, int number, String name) {
        this.cluster = cluster;
        this.world = cluster.world();
        this.endpoint = cluster.mostNodes() + number;
        this.name = name;
        this.random = world.random("client " + name);
        this.clock = new SimulatedClock(world, cluster.pace(random), random.nextLong(1L << 50));
    }

    int endpoint() {
        return endpoint;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public SplittableRandom random() {
        return random;
    }

    @Override
    public long nanoTime() {
        return clock.nanoTime();
    }

    @Override
    public long worldNanosAt(long clockNanos) {
        return clock.worldNanosAt(clockNanos);
    }

    @Override
    public boolean isGone() {
        return gone;
    }

    void end() {
        gone = true;
        note(() -> "ends");
    }

    void pause(long nanos) {
        pausedUntilNanos = world.nowNanos() + nanos;
        note(() -> "stands still for " + nanos / 1_000_000 + " ms");
    }

    void resume() {
        pausedUntilNanos = 0;
    }

    @Override
    public void note(Supplier<String> what) {
        if (world.trace().isReadable()) {
            world.trace().line(world.nowNanos(), name, what.get());
        }
    }

    @Override
    public void witness(long value) {
        world.trace().event(world.nowNanos(), endpoint, value);
    }

    @Override
    public void after(Duration delay, Runnable task) {
        schedule(delay.toNanos(), task);
    }

    private World.Event schedule(long delayNanos, Runnable task) {
        return world.after(clock.worldNanosAfter(Math.max(0, delayNanos)), () -> whenAwake(task));
    }

    /**
     * Runs a task later, unless it is called off or its owner has come to an end by then.
     *
     * @return calls it off
     */
    private Runnable scheduleUnless(BooleanSupplier over, long delayNanos, Runnable task) {
        World.Event event = schedule(delayNanos, () -> {
            if (!over.getAsBoolean()) {
                task.run();
            }
        });
        return event::cancel;
    }

    private void whenAwake(Runnable task) {
        if (gone) {
            return;
        }
        if (pausedUntilNanos > world.nowNanos()) {
            world.at(pausedUntilNanos + random.nextLong(MICRO), () -> whenAwake(task));
        } else {
            task.run();
        }
    }

    @Override
    public RaftClient connect() {
        return RaftClient.builder()
                .name(name)
                .addresses(cluster.clientAddresses())
                .connector(Link::new)
                .executor(Runnable::run)
                .attemptTimeout(Duration.ofMillis(700))
                .seed(random.nextLong())
                .timer(new ClientTimer())
                .build();
    }

    @Override
    public SessionRuntime sessionRuntime() {
        return new VirtualThreads();
    }

    /** The connection to one server. */
    private final class Link implements RaftService {
        private final String address;

        Link(String address) {
            this.address = address;
        }

        @Override
        public CompletableFuture<ClientResponse> submit(ClientRequest request) {
            Optional<SimulatedNode> found = target(request);
            return found.isPresent()
                    ? submit(request, found.get())
                    : CompletableFuture.completedFuture(
                            new ClientResponse.Unavailable("there is nobody at " + address));
        }

        /** Some strong reads go to any server, which then asks the leader. */
        private Optional<SimulatedNode> target(ClientRequest request) {
            List<SimulatedNode> nodes = cluster.nodes();
            boolean anyServes = request instanceof ClientRequest.Read read
                    && (read.consistency() == ReadConsistency.LINEARIZABLE
                            || read.consistency() == ReadConsistency.LEASE);
            if (anyServes && random.nextInt(ONE_STRONG_READ_ANYWHERE_OF) == 0) {
                return Optional.of(nodes.get(random.nextInt(nodes.size())));
            }
            for (SimulatedNode each : nodes) {
                if (each.clientAddress().equals(address)) {
                    return Optional.of(each);
                }
            }
            return Optional.empty();
        }

        private CompletableFuture<ClientResponse> submit(ClientRequest request, SimulatedNode node) {
            CompletableFuture<ClientResponse> answer = new CompletableFuture<>();
            SimulatedNetwork network = cluster.network();
            byte[] bytes = ClientFrames.encode(request);
            World.Event givesUp = schedule(
                    CONNECTION_TIMEOUT_NANOS + ClientFrames.patienceNanos(request),
                    () -> answer.complete(new ClientResponse.Unknown("no answer")));
            network.sendRequest(endpoint, node.index(), () -> {
                CompletableFuture<?> unused = node.submit(ClientFrames.request(bytes))
                        .thenAccept(response -> reply(node, response, reply -> {
                            givesUp.cancel();
                            answer.complete(reply);
                        }));
            });
            return answer;
        }

        private void reply(SimulatedNode node, ClientResponse response, Consumer<ClientResponse> receiver) {
            byte[] bytes = ClientFrames.encode(response);
            cluster.network()
                    .sendRequest(
                            node.index(),
                            endpoint,
                            () -> whenAwake(() -> receiver.accept(ClientFrames.response(bytes))));
        }
    }

    private final class ClientTimer implements Timer {
        private boolean closed;

        @Override
        public long nanoTime() {
            return clock.nanoTime();
        }

        @Override
        public Runnable schedule(long delayNanos, Runnable task) {
            return scheduleUnless(() -> closed, delayNanos, task);
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    /** The time and the threads of a session. */
    private final class VirtualThreads implements SessionRuntime {
        private final VirtualLane callbacks = new VirtualLane();
        private final VirtualLane events = new VirtualLane();
        private boolean ended;

        @Override
        public long nanoTime() {
            return clock.nanoTime();
        }

        @Override
        public Runnable schedule(long delayNanos, Runnable task) {
            return scheduleUnless(() -> ended, delayNanos, task);
        }

        @Override
        public Executor callbacks() {
            return callbacks;
        }

        @Override
        public Executor events() {
            return events;
        }

        @Override
        public Lane watchLane(String watched) {
            return new VirtualLane();
        }

        @Override
        public byte[] nonce(int bytes) {
            byte[] nonce = new byte[bytes];
            for (int i = 0; i < bytes; i++) {
                nonce[i] = (byte) random.nextInt();
            }
            return nonce;
        }

        @Override
        public void begin(long session) {
            witness(session);
            note(() -> "has session " + session);
        }

        @Override
        public void end() {
            ended = true;
        }

        @Override
        public void awaitEnd() {
            // There are no threads to wait for.
        }
    }

    /** A simulated thread that does one thing after the other. */
    private final class VirtualLane implements SessionRuntime.Lane {
        private final Deque<Runnable> tasks = new ArrayDeque<>();
        private boolean closed;

        @Override
        public void execute(Runnable task) {
            if (closed) {
                return;
            }
            tasks.add(task);
            if (tasks.size() == 1) {
                next();
            }
        }

        private void next() {
            world.after(
                    CALL_BACK_NANOS,
                    () -> whenAwake(() -> {
                        tasks.peek().run();
                        tasks.poll();
                        if (!tasks.isEmpty()) {
                            next();
                        }
                    }));
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
