package io.balsa.simulation;

import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.ClientRequest;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/** Sees to it that things go wrong, of the kinds that the {@link FaultPlan} names, and mends them after a while. */
final class Nemesis {
    private static final long MILLI = 1_000_000;
    private static final long LONGEST_OUTAGE_NANOS = 4_000 * MILLI;

    private final Cluster cluster;
    private final World world;
    private final SplittableRandom random;
    private final List<Fault> kinds = new ArrayList<>();
    private final Map<Fault, Long> injected = new EnumMap<>(Fault.class);
    private final Ambushes ambushes;
    private Clients clients;
    private boolean calm;
    /** Servers to whose disks something was done. */
    private final Set<NodeId> disksAtFault = new HashSet<>();

    Nemesis(Cluster cluster) {
        this.cluster = cluster;
        this.world = cluster.world();
        this.random = world.random("nemesis");
        this.ambushes = new Ambushes(cluster, this);
        for (Fault kind : cluster.plan().kinds()) {
            switch (kind) {
                // Always there, not events.
                case LOSS, REPLAY, DRIFT, MEMBERSHIP_CHANGE, SHORT_REIGN, INTERRUPTED_CHANGE -> injected.put(kind, 0L);
                default -> kinds.add(kind);
            }
        }
    }

    void begin(Clients begun) {
        clients = begun;
        if (!kinds.isEmpty()) {
            next();
        }
    }

    private void next() {
        long pause = cluster.plan().meanPauseBetweenFaultsNanos();
        world.after(pause / 4 + random.nextLong(pause * 3 / 2), () -> {
            if (!calm) {
                inject(kinds.get(random.nextInt(kinds.size())));
                next();
            }
        });
    }

    /** From now on nothing goes wrong any more; what is wrong stays so. */
    void calm() {
        calm = true;
    }

    boolean isCalm() {
        return calm;
    }

    /** Whether a server may end because of its disk: only if something was done to that one. */
    boolean mayFailDisk(SimulatedNode node) {
        return disksAtFault.contains(node.id());
    }

    Map<Fault, Long> injected() {
        Map<Fault, Long> all = new EnumMap<>(injected);
        if (all.containsKey(Fault.LOSS)) {
            all.put(Fault.LOSS, cluster.network().lost());
        }
        if (all.containsKey(Fault.REPLAY)) {
            all.put(Fault.REPLAY, cluster.network().replayed());
        }
        if (all.containsKey(Fault.DRIFT)) {
            all.put(Fault.DRIFT, 1L);
        }
        if (all.containsKey(Fault.MEMBERSHIP_CHANGE)) {
            all.put(Fault.MEMBERSHIP_CHANGE, cluster.administrator().done());
        }
        return all;
    }

    void restartLater(SimulatedNode node) {
        world.after(outageNanos(), () -> {
            if (!calm) {
                node.start();
            }
        });
    }

    private long outageNanos() {
        return random.nextInt(4) == 0 ? random.nextLong(10 * MILLI) : random.nextLong(LONGEST_OUTAGE_NANOS);
    }

    private void inject(Fault fault) {
        SimulatedNode node = cluster.nodes().get(random.nextInt(cluster.nodes().size()));
        boolean struck =
                switch (fault) {
                    case PARTITION -> partition();
                    case ONE_WAY_CUT -> cutOneWay();
                    case CLOG -> clog();
                    case KILL, POWER_LOSS, POWER_LOSS_WHILE_WRITING -> endProcess(node, fault);
                    case RESTART_OF_ALL -> restartAll();
                    case PAUSE, DISK_STALL -> standStill(node, fault);
                    case DISK_ERROR, DISK_FULL -> failDisk(node, fault);
                    case BIT_FLIP, SNAPSHOT_BIT_FLIP, VOTE_BIT_FLIP -> damage(node, fault);
                    case DISK_LOSS -> loseDisk(node);
                    case LEADER_TRANSFER -> handLeadershipOver(node);
                    case CLIENT_PAUSE -> clients.pauseOne(random.nextLong(5_000 * MILLI));
                    case CLIENT_KILL -> clients.killOne(random.nextLong(1_000 * MILLI));
                    case STRANDED_LEADER -> ambushes.strandLeader();
                    case LATE_ANSWERS -> ambushes.holdAnswersBack();
                    case LOSS, REPLAY, DRIFT, MEMBERSHIP_CHANGE, SHORT_REIGN, INTERRUPTED_CHANGE -> false;
                };
        if (struck) {
            struck(fault);
        }
    }

    /** Counts what was done. */
    void struck(Fault fault) {
        injected.merge(fault, 1L, Long::sum);
    }

    Ambushes ambushes() {
        return ambushes;
    }

    void hurryClients() {
        clients.hurry();
    }

    private boolean partition() {
        int endpoints = cluster.mostNodes() + cluster.plan().clients();
        boolean[] side = new boolean[endpoints];
        for (int i = 0; i < endpoints; i++) {
            side[i] = random.nextBoolean();
        }
        List<int[]> ways = new ArrayList<>();
        for (int from = 0; from < endpoints; from++) {
            for (int to = 0; to < endpoints; to++) {
                if (side[from] != side[to]) {
                    ways.add(new int[] {from, to});
                }
            }
        }
        cutFor(ways, outageNanos());
        note("the network falls apart");
        return true;
    }

    private boolean cutOneWay() {
        int from = random.nextInt(cluster.nodes().size());
        int to = random.nextInt(cluster.nodes().size());
        if (from == to) {
            return false;
        }
        cutFor(List.of(new int[] {from, to}), outageNanos());
        note("no message gets from " + cluster.nodes().get(from) + " to "
                + cluster.nodes().get(to));
        return true;
    }

    void cutFor(List<int[]> ways, long nanos) {
        ways.forEach(way -> cluster.network().cut(way[0], way[1]));
        world.after(nanos, () -> {
            if (!calm) {
                ways.forEach(way -> cluster.network().mend(way[0], way[1]));
            }
        });
    }

    private boolean clog() {
        int from = random.nextInt(cluster.nodes().size());
        int to = random.nextInt(cluster.nodes().size());
        cluster.network().clog(from, to, world.nowNanos() + outageNanos());
        return from != to;
    }

    private boolean endProcess(SimulatedNode node, Fault fault) {
        if (node.isDown()) {
            return false;
        }
        if (fault == Fault.POWER_LOSS_WHILE_WRITING) {
            node.losePowerWhileWriting(random.nextInt(1, 8));
            return true;
        }
        if (fault == Fault.KILL) {
            node.kill();
        } else {
            node.losePower();
        }
        restartLater(node);
        return true;
    }

    private boolean restartAll() {
        for (SimulatedNode node : cluster.nodes()) {
            node.losePower();
            restartLater(node);
        }
        return true;
    }

    private boolean standStill(SimulatedNode node, Fault fault) {
        if (node.isDown()) {
            return false;
        }
        long nanos = random.nextLong(10 * MILLI, 3_000 * MILLI);
        if (fault == Fault.PAUSE) {
            node.pause(nanos);
        } else {
            node.stallDisk(nanos);
        }
        return true;
    }

    private boolean failDisk(SimulatedNode node, Fault fault) {
        if (node.isDown()) {
            return false;
        }
        disksAtFault.add(node.id());
        if (fault == Fault.DISK_FULL) {
            node.disk().fill();
        } else {
            node.disk().fail();
        }
        world.after(outageNanos(), () -> {
            if (!calm) {
                // Whoever looks after the machine makes room and starts the server again.
                node.kill();
                restartLater(node);
            }
        });
        return true;
    }

    /** Never more disks than a majority can do without, so that one whole copy of all that was acknowledged is left. */
    private boolean damage(SimulatedNode node, Fault fault) {
        if (fault == Fault.SNAPSHOT_BIT_FLIP
                && random.nextInt(3) == 0
                && node.disk().damageReceivedSnapshot()) {
            note("a bit flips in what " + node + " has received of a snapshot");
            return true;
        }
        if (node.isRuined() || !cluster.administrator().canMiss(Set.of(node.id()))) {
            return false;
        }
        boolean damaged =
                switch (fault) {
                    case SNAPSHOT_BIT_FLIP -> node.disk().damageSnapshot();
                    case VOTE_BIT_FLIP -> node.disk().damageHardState();
                    default -> node.disk().damage();
                };
        if (!damaged) {
            return false;
        }
        disksAtFault.add(node.id());
        note(fault.spelling() + " on the disk of " + node);
        if (fault != Fault.BIT_FLIP && random.nextInt(3) == 0 && !node.isDown()) {
            // Read again before something whole takes its place.
            node.kill();
            restartLater(node);
        }
        return true;
    }

    /** Like damage, never more than can be missed. */
    private boolean loseDisk(SimulatedNode node) {
        if (node.isRuined() || !cluster.administrator().canMiss(Set.of(node.id()))) {
            return false;
        }
        node.loseDisk();
        return true;
    }

    private boolean handLeadershipOver(SimulatedNode target) {
        transferLeadership(random.nextBoolean() ? Optional.empty() : Optional.of(target.id()));
        if (random.nextBoolean()) {
            ambushes.deafenLeader();
        }
        return true;
    }

    /** Every server is asked, for who leads nobody knows for sure. */
    void transferLeadership(Optional<NodeId> target) {
        for (SimulatedNode node : cluster.nodes()) {
            if (!node.isDown()) {
                CompletableFuture<?> unused = node.submit(new ClientRequest.TransferLeadership(target));
            }
        }
        note("the leadership is to be handed over"
                + target.map(to -> " to " + to).orElse(""));
    }

    void note(String what) {
        world.trace().event(world.nowNanos(), 63, what.hashCode());
        if (world.trace().isReadable()) {
            world.trace().line(world.nowNanos(), "--", what);
        }
    }
}
