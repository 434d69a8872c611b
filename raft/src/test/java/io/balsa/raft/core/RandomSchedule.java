package io.balsa.raft.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;

/**
 * One random life of a cluster: lost, doubled, late and reordered messages, cuts, crashes, slow disks and slow state
 * machines, proposals and reads, all drawn from one seed and watched by a {@link SafetyChecker}; at the end everything is
 * healed and the cluster must get on with its work.
 */
final class RandomSchedule {
    private static final long PROGRESS_WITHIN_MILLIS = 30_000;

    private final Random random;
    private final SafetyChecker checker = new SafetyChecker();
    private final CoreCluster cluster;
    private final List<CoreServer> servers;
    private final int lossPercent;
    private final int duplicationPercent;
    private final int reorderPercent;
    private final int cutPercent;
    private final int crashPercent;
    private final int slowDiskPercent;
    private final int batchPercent;
    private final int pausePercent;
    private final long tickMillis;
    /** A server that doesn't run for a while, as in a long garbage collection. */
    private CoreServer paused;

    RandomSchedule(long seed, UnaryOperator<Message> tampering) {
        random = new Random(seed);
        // Most schedules have only some kinds of faults: those that have all of them seldom get far.
        lossPercent = sometimes(30);
        duplicationPercent = sometimes(30);
        reorderPercent = sometimes(100);
        cutPercent = sometimes(3);
        crashPercent = sometimes(4);
        slowDiskPercent = sometimes(90);
        batchPercent = sometimes(60);
        pausePercent = sometimes(3);
        tickMillis = 1L + random.nextInt(300);
        cluster = new CoreCluster(drawOptions(), checker);
        cluster.tamperWith(tampering);
        checker.watch(cluster);
        servers = List.copyOf(cluster.servers());
        for (CoreServer server : servers) {
            server.setAppliesAtOnce(random.nextBoolean());
            server.setSavesAtOnce(random.nextBoolean());
            server.start();
        }
    }

    SafetyChecker checker() {
        return checker;
    }

    private int sometimes(int mostPercent) {
        return random.nextBoolean() ? 0 : 1 + random.nextInt(mostPercent);
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    private List<CoreOptions> drawOptions() {
        int size = List.of(1, 2, 3, 3, 3, 3, 4, 5, 5, 5).get(random.nextInt(10));
        boolean tight = random.nextBoolean();
        List<NodeId> ids = CoreCluster.ids(size);
        List<CoreOptions> options = new ArrayList<>();
        for (NodeId id : ids) {
            options.add(new CoreOptions(
                    id,
                    Configuration.of(ids),
                    CoreCluster.HEARTBEAT_MILLIS,
                    CoreCluster.ELECTION_TIMEOUT_MILLIS,
                    random.nextLong(),
                    tight ? 1 + random.nextInt(400) : 1 << 20,
                    tight ? 1 + random.nextInt(3) : 64,
                    tight ? 1 + random.nextInt(2_000) : 1 << 20,
                    tight ? 1 + random.nextInt(3) : 100,
                    tight ? 1 + random.nextInt(1_000) : 1 << 20,
                    CoreOptions.HIGHEST_PRIORITY,
                    CoreOptions.USUAL_CLOCK_DRIFT_PERCENT));
        }
        return options;
    }

    /** Lets so many random things happen. */
    void run(int steps) {
        for (int i = 0; i < steps; i++) {
            CoreServer server = servers.get(random.nextInt(servers.size()));
            if (chance(pausePercent)) {
                paused = random.nextBoolean() ? server : null;
            }
            if (server == paused) {
                continue;
            }
            if (!server.isUp()) {
                if (chance(10)) {
                    server.start();
                }
            } else if (chance(crashPercent) && chance(server.isLeader() ? 60 : 15)) {
                crash(server);
            } else if (server.isSaving()) {
                if (!chance(slowDiskPercent)) {
                    server.save();
                }
            } else {
                server.step(drawInputs(server));
            }
            if (!chance(slowDiskPercent) && server.disk().unsyncedAppends() > 0) {
                server.sync(1 + random.nextInt(server.disk().unsyncedAppends()));
            }
            disturbNetwork();
        }
    }

    private void crash(CoreServer server) {
        if (server.isSaving() && random.nextBoolean()) {
            server.saveOnly();
        }
        server.crash(random.nextInt(server.disk().unsyncedEntries() + 1));
        server.setSavesAtOnce(random.nextBoolean());
        server.setAppliesAtOnce(random.nextBoolean());
    }

    private List<Input> drawInputs(CoreServer server) {
        List<Input> inputs = new ArrayList<>();
        do {
            inputs.add(drawInput(server));
        } while (chance(batchPercent));
        return inputs;
    }

    private Input drawInput(CoreServer server) {
        int kind = random.nextInt(100);
        if (kind < 60) {
            Message message = drawMessageFor(server);
            if (message != null) {
                return new Input.Receive(message);
            }
        } else if (kind < 70 && server.hasReports()) {
            return server.takeReport();
        } else if (kind < 75 && server.appliedIndex() < server.givenOutIndex()) {
            return server.applied(
                    server.appliedIndex() + 1 + random.nextInt((int) (server.givenOutIndex() - server.appliedIndex())));
        } else if (kind < 82) {
            return drawProposal();
        } else if (kind < 88) {
            long requestId = cluster.nextRequestId();
            checker.reading(requestId);
            return new Input.ReadIndex(requestId);
        } else if (kind < 89 && servers.size() > 1) {
            CoreServer peer = servers.get(random.nextInt(servers.size()));
            if (peer != server) {
                return new Input.Unreachable(peer.id());
            }
        }
        return new Input.Tick(1 + random.nextInt((int) tickMillis));
    }

    private Input drawProposal() {
        long requestId = cluster.nextRequestId();
        if (chance(10)) {
            return new Input.Propose(requestId, EntryType.CLOCK, new byte[0]);
        }
        String command = requestId + ":" + "x".repeat(random.nextInt(100));
        checker.proposing(requestId, command);
        return new Input.Propose(requestId, EntryType.COMMAND, command.getBytes(StandardCharsets.UTF_8));
    }

    private Message drawMessageFor(CoreServer server) {
        List<Message> arriving = cluster.inFlight().stream()
                .filter(message -> message.to().equals(server.id()))
                .toList();
        if (arriving.isEmpty()) {
            return null;
        }
        Message message = arriving.get(chance(reorderPercent) ? random.nextInt(arriving.size()) : 0);
        if (!chance(duplicationPercent)) {
            cluster.takeOutOnce(message);
        }
        return message;
    }

    private void disturbNetwork() {
        int underWay = cluster.inFlight().size();
        if (underWay > 0 && (chance(lossPercent) || underWay > 80)) {
            cluster.takeOut(random.nextInt(underWay));
        }
        if (chance(cutPercent)) {
            NodeId one = servers.get(random.nextInt(servers.size())).id();
            NodeId other = servers.get(random.nextInt(servers.size())).id();
            switch (random.nextInt(6)) {
                case 0 -> cluster.isolate(one);
                case 1 -> cluster.cut(new Link(one, other));
                case 2, 3 -> split();
                default -> cluster.heal();
            }
        }
    }

    /** Cuts the servers into two groups. */
    private void split() {
        cluster.heal();
        List<CoreServer> group = new ArrayList<>(servers);
        Collections.shuffle(group, random);
        List<CoreServer> others = group.subList(0, random.nextInt(servers.size()));
        for (CoreServer one : servers) {
            for (CoreServer other : others) {
                if (!others.contains(one)) {
                    cluster.cut(new Link(one.id(), other.id()));
                    cluster.cut(new Link(other.id(), one.id()));
                }
            }
        }
    }

    /** Heals what is broken, on a majority at least, and demands that a command and a read get through. */
    void demandProgress() {
        cluster.heal();
        List<CoreServer> order = new ArrayList<>(servers);
        Collections.shuffle(order, random);
        int healthy = random.nextBoolean() ? servers.size() : Quorum.majority(servers.size());
        for (int i = 0; i < order.size(); i++) {
            CoreServer server = order.get(i);
            if (i >= healthy) {
                if (server.isUp()) {
                    server.crash(0);
                }
                continue;
            }
            server.setSavesAtOnce(true);
            server.setAppliesAtOnce(true);
            if (!server.isUp()) {
                server.start();
            } else if (server.isSaving()) {
                server.save();
            }
            if (server.appliedIndex() < server.givenOutIndex()) {
                server.apply(server.givenOutIndex());
            }
        }
        List<CoreServer> up = order.subList(0, healthy);
        long wanted = checker.committedEntries() + 1;
        long readsBefore = checker.confirmedReads();
        for (long passed = 0; passed < PROGRESS_WITHIN_MILLIS; passed += 100) {
            cluster.run(100);
            cluster.leader().ifPresent(leader -> {
                leader.step(drawProposal());
                long requestId = cluster.nextRequestId();
                checker.reading(requestId);
                leader.step(new Input.ReadIndex(requestId));
            });
            cluster.settle();
            cluster.run(CoreCluster.HEARTBEAT_MILLIS);
            boolean caughtUp = up.stream()
                    .allMatch(server -> server.appliedIndex() >= wanted
                            && server.log().equals(up.get(0).log()));
            if (caughtUp && checker.confirmedReads() > readsBefore) {
                return;
            }
        }
        throw new AssertionError("no progress within " + PROGRESS_WITHIN_MILLIS + " ms after all was healed: "
                + up.stream()
                        .map(server -> server.id() + " " + server.core().role() + " term "
                                + server.core().term() + " applied " + server.appliedIndex() + " of "
                                + server.log().size())
                        .toList());
    }
}
