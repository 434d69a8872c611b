package io.balsa.simulation;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.node.RaftNode;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.NodeStatus;
import io.balsa.raft.port.ReadConsistency;
import io.balsa.raft.port.SnapshotDamagedException;
import io.balsa.raft.port.StateMachine;
import io.balsa.raft.port.StorageException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/**
 * One machine with a disk and a clock, and the server process on it, if one runs: a whole {@link RaftNode} on simulated
 * ports. The process ends and begins; the machine stays.
 */
final class SimulatedNode {
    private static final long MICRO = 1_000;
    private static final long CONNECTION_LOST_NANOS = 2_000_000;

    private final Cluster cluster;
    private final World world;
    private final int index;
    private final NodeId id;
    private final String clientAddress;
    private final boolean joins;
    private final SplittableRandom random;
    private final SimulatedDisk disk;
    private final SimulatedClock clock;
    private Optional<Incarnation> running = Optional.empty();
    private int incarnations;
    private long pausedUntilNanos;
    private long stalledUntilNanos;
    private boolean ruined;
    private int operationsUntilPowerLoss;
    private final Map<Long, CompletableFuture<ClientResponse>> underWay = new LinkedHashMap<>();
    private long requests;

    /** @param joins whether it waits until a leader calls on it, rather than to begin the group with others */
    SimulatedNode(Cluster cluster, int index, double pace, boolean joins) {
        this.cluster = cluster;
        this.world = cluster.world();
        this.index = index;
        this.id = NodeId.of(nameOf(index));
        this.clientAddress = clientAddress(index);
        this.joins = joins;
        this.random = world.random("node " + id);
        this.disk = new SimulatedDisk(id.value(), world.random("disk " + id));
        this.clock = new SimulatedClock(world, pace, random.nextLong(1L << 50));
    }

    private static String nameOf(int index) {
        return "n" + (index + 1);
    }

    static String clientAddress(int index) {
        return nameOf(index) + ":7000";
    }

    int index() {
        return index;
    }

    NodeId id() {
        return id;
    }

    SimulatedDisk disk() {
        return disk;
    }

    boolean isDown() {
        return running.isEmpty();
    }

    /** Whether its disk is damaged, so that it can't start again, be it that nobody has noticed yet. */
    boolean isRuined() {
        return ruined || disk.isDamaged();
    }

    /** The disk is lost, and with it the server, for nothing may come back under its name. */
    void loseDisk() {
        end();
        disk.endProcess();
        ruined = true;
        note("loses its disk");
    }

    String clientAddress() {
        return clientAddress;
    }

    long pausedUntilNanos() {
        return pausedUntilNanos;
    }

    /** The state machine of the process that runs. */
    Optional<StateMachine> machine() {
        return running.map(process -> process.machine.machine());
    }

    Optional<NodeStatus> status() {
        return running.map(process -> process.node.status());
    }

    // ---- the life of the process -----------------------------------------------------------------------------------

    void start() {
        if (!isDown() || ruined) {
            return;
        }
        note("starts: " + disk);
        boolean canStart = disk.canStart();
        Incarnation process = new Incarnation(++incarnations);
        try {
            process.begin();
        } catch (StorageException damaged) {
            if (canStart || !disk.isDamaged()) {
                throw world.fail("halt", id + " does not start: " + damaged.getMessage(), damaged);
            }
            note("can't start: " + damaged.getMessage());
            ruined = true;
            running = Optional.empty();
        } catch (InvariantBroken broken) {
            throw broken;
        } catch (RuntimeException | Error failure) {
            throw world.fail("halt", id + " does not start: " + failure, failure);
        }
        if (!ruined && !canStart) {
            throw world.fail("damage", id + " starts although its disk is damaged");
        }
    }

    /** The process ends at once, what it wrote stays in the hands of the operating system. */
    void kill() {
        if (!isDown()) {
            note("is killed");
            end();
            disk.endProcess();
        }
    }

    void losePower() {
        boolean unsynced = disk.hasUnsynced();
        end();
        disk.losePower();
        note("loses power" + (unsynced ? " with unsynced entries" : "") + ": " + disk);
    }

    private void end() {
        running.ifPresent(process -> process.gone = true);
        running = Optional.empty();
        pausedUntilNanos = 0;
        operationsUntilPowerLoss = 0;
        cluster.ledger().ended(this);
        // Those who wait for an answer hear that the connection broke.
        List<CompletableFuture<ClientResponse>> cutOff = List.copyOf(underWay.values());
        underWay.clear();
        world.after(
                CONNECTION_LOST_NANOS,
                () -> cutOff.forEach(answer -> answer.complete(new ClientResponse.Unknown("the connection was lost"))));
    }

    void losePowerWhileWriting(int operations) {
        operationsUntilPowerLoss = operations;
    }

    void pause(long nanos) {
        pausedUntilNanos = Math.max(pausedUntilNanos, world.nowNanos() + nanos);
        note("stands still for " + nanos / 1_000_000 + " ms");
    }

    /** Nothing befalls it any more. */
    void resume() {
        operationsUntilPowerLoss = 0;
        pausedUntilNanos = 0;
        stalledUntilNanos = 0;
    }

    void stallDisk(long nanos) {
        stalledUntilNanos = world.nowNanos() + nanos;
        note("has a disk that stalls for " + nanos / 1_000_000 + " ms");
    }

    // ---- what arrives ----------------------------------------------------------------------------------------------

    /** A message has come through the network. */
    void arrive(byte[] message) {
        running.ifPresent(process -> whenAwake(process, () -> process.transport.deliver(message)));
    }

    /** A request of a client has come through the network. */
    CompletableFuture<ClientResponse> submit(ClientRequest request) {
        CompletableFuture<ClientResponse> answer = new CompletableFuture<>();
        if (running.isEmpty()) {
            answer.complete(new ClientResponse.Unavailable("connection refused"));
            return answer;
        }
        Incarnation process = running.get();
        long number = ++requests;
        underWay.put(number, answer);
        whenAwake(process, () -> {
            long committedBefore = cluster.ledger().committedEntries();
            CompletableFuture<?> unused = process.node.submit(request).whenComplete((response, failure) -> {
                underWay.remove(number);
                if (request instanceof ClientRequest.Read read && response instanceof ClientResponse.Answer served) {
                    process.show(read, served.appliedIndex(), committedBefore);
                }
                if (failure != null) {
                    throw world.fail("halt", id + " fails on a request: " + failure, failure);
                }
                answer.complete(response);
            });
        });
        return answer;
    }

    private void whenAwake(Incarnation process, Runnable action) {
        if (process.gone) {
            return;
        }
        if (pausedUntilNanos > world.nowNanos()) {
            world.at(pausedUntilNanos + random.nextLong(MICRO), () -> whenAwake(process, action));
        } else {
            action.run();
        }
    }

    private void note(String what) {
        world.trace().event(world.nowNanos(), index, what.hashCode());
        if (world.trace().isReadable()) {
            world.trace().line(world.nowNanos(), id.value(), what);
        }
    }

    @Override
    public String toString() {
        return id.value();
    }

    /** One process, from its start to its end. */
    private final class Incarnation implements VirtualDuty.Host, SimulatedDisk.Faults {
        private final String name;
        private final WatchedMachine machine;
        private SimulatedTransport transport;
        private RaftNode node;
        private boolean gone;
        private boolean begun;
        private long shownIndex;

        Incarnation(int number) {
            name = id + "." + number;
            machine = new WatchedMachine(
                    cluster,
                    SimulatedNode.this,
                    cluster.options().stateMachine().get());
        }

        void begin() {
            transport = new SimulatedTransport(cluster, SimulatedNode.this);
            SimulatedLogStorage log = new SimulatedLogStorage(
                    disk, this, entries -> cluster.ledger().appended(SimulatedNode.this, entries));
            SimulatedHardStateStorage hardState = new SimulatedHardStateStorage(
                    disk, this, state -> cluster.ledger().saved(SimulatedNode.this, state));
            SplittableRandom dutyRandom = world.random("duties " + name);
            node = RaftNode.builder(id)
                    .clusterId("simulation")
                    .initialConfiguration(joins ? Configuration.EMPTY : Configuration.of(cluster.firstVoters()))
                    .log(log)
                    .hardState(hardState)
                    .snapshots(new SimulatedSnapshotStorage(disk.snapshots(), this, this::discarded))
                    .transport(transport)
                    .stateMachine(machine)
                    .clock(clock)
                    .clientAddress(clientAddress())
                    .peerDirectory(peer -> cluster.node(peer).clientAddress())
                    .options(cluster.raftOptions(random.nextLong()))
                    .dutyRunner(duty -> new VirtualDuty(world, this, duty, dutyRandom.split()))
                    .executor(task -> world.after(MICRO, () -> {
                        if (!gone) {
                            task.run();
                        }
                    }))
                    .build();
            running = Optional.of(this);
            cluster.ledger().started(SimulatedNode.this, node.status());
            CompletableFuture<?> unused = node.halted().whenComplete((done, cause) -> halted(cause));
            begun = true;
            node.start();
        }

        /**
         * What one server shows never goes back, and is not older than who asks demands: for a strong read, than what was
         * committed anywhere when it arrived.
         */
        private void show(ClientRequest.Read read, long appliedIndex, long committedBefore) {
            boolean strong =
                    read.consistency() == ReadConsistency.LINEARIZABLE || read.consistency() == ReadConsistency.LEASE;
            if (strong && appliedIndex < committedBefore) {
                throw world.fail(
                        "fresh-read",
                        "%s answers a %s read from index %d, when %d entries were committed already"
                                .formatted(id, read.consistency(), appliedIndex, committedBefore));
            }
            if (appliedIndex < shownIndex || appliedIndex < read.minIndex()) {
                throw world.fail(
                        "session-order",
                        "%s answers from index %d after it answered from %d, asked for %d"
                                .formatted(id, appliedIndex, shownIndex, read.minIndex()));
            }
            shownIndex = appliedIndex;
        }

        private void discarded(SnapshotDescription damaged) {
            note("sets its snapshot at index " + damaged.metadata().index() + " aside, which is damaged");
        }

        private void halted(Throwable cause) {
            if (gone || cause == null) {
                return;
            }
            note("halts: " + cause);
            if (!isInjected(cause)) {
                throw world.fail("halt", id + " halts: " + cause, cause);
            }
            end();
            disk.endProcess();
        }

        private boolean isInjected(Throwable cause) {
            for (Throwable each = cause; each != null; each = each.getCause()) {
                if (each instanceof StorageException || each instanceof SnapshotDamagedException) {
                    return cluster.nemesis().mayFailDisk(SimulatedNode.this);
                }
            }
            return false;
        }

        @Override
        public boolean isGone() {
            return gone;
        }

        @Override
        public long pausedUntilNanos() {
            return pausedUntilNanos;
        }

        @Override
        public SimulatedClock clock() {
            return clock;
        }

        @Override
        public long latencyNanos(String duty, SplittableRandom dutyRandom) {
            long latency = dutyRandom.nextLong(MICRO, 40 * MICRO);
            if (duty.startsWith("balsa-log")) {
                latency += dutyRandom.nextLong(cluster.plan().diskLatencyNanos());
                latency = Math.max(latency, stalledUntilNanos - world.nowNanos());
            }
            return latency;
        }

        @Override
        public void ran(String duty) {
            cluster.ledger().ran(SimulatedNode.this, node.status());
        }

        @Override
        public void beforeOperation(String operation) {
            if (gone) {
                throw new PowerLoss();
            }
            powerLossIfDue();
            if (begun
                    && world.depth() < 3
                    && random.nextInt(100) < cluster.plan().blockPercent()) {
                long stall = Math.max(0, stalledUntilNanos - world.nowNanos());
                world.block(stall + random.nextLong(1, 4 * cluster.plan().diskLatencyNanos()), () -> gone);
                while (pausedUntilNanos > world.nowNanos()) {
                    world.block(pausedUntilNanos - world.nowNanos(), () -> gone);
                }
            }
        }

        @Override
        public void afterOperation(String operation) {
            powerLossIfDue();
        }

        private void powerLossIfDue() {
            if (operationsUntilPowerLoss > 0 && --operationsUntilPowerLoss == 0) {
                losePower();
                cluster.nemesis().restartLater(SimulatedNode.this);
                throw new PowerLoss();
            }
        }
    }
}
