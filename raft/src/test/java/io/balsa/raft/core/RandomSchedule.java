package io.balsa.raft.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;

/**
 * One random life of a cluster: lost, doubled, late and reordered messages, cuts, crashes, slow disks and slow state
 * machines, proposals and reads, changes of membership, transfers and snapshots, all drawn from one seed and watched by a
 * {@link SafetyChecker}; at the end everything is healed and the cluster must get on with its work.
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
    private final int changePercent;
    private final int transferPercent;
    private final int snapshotPercent;
    private final long tickMillis;
    /** The clocks of servers that keep pace, so that a lease may be trusted; null where time passes at random. */
    private final PacedClocks clocks;
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
        changePercent = sometimes(8);
        transferPercent = sometimes(4);
        snapshotPercent = sometimes(12);
        tickMillis = 1L + random.nextInt(300);
        clocks = chance(30) ? new PacedClocks(random) : null;
        cluster = new CoreCluster(drawOptions(), checker);
        cluster.tamperWith(tampering);
        checker.watch(cluster);
        servers = List.copyOf(cluster.servers());
        for (CoreServer server : servers) {
            server.setAppliesAtOnce(random.nextBoolean());
            server.setSavesAtOnce(random.nextBoolean());
            start(server);
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
        List<NodeId> ids = CoreCluster.ids(size + (changePercent > 0 ? 1 + random.nextInt(3) : 0));
        Configuration group = Configuration.of(ids.subList(0, size));
        List<CoreOptions> options = new ArrayList<>();
        for (NodeId id : ids) {
            options.add(new CoreOptions(
                    id,
                    group.isMember(id) ? group : Configuration.EMPTY,
                    CoreCluster.HEARTBEAT_MILLIS,
                    CoreCluster.ELECTION_TIMEOUT_MILLIS,
                    random.nextLong(),
                    tight ? 1 + random.nextInt(400) : 1 << 20,
                    tight ? 1 + random.nextInt(3) : 64,
                    random.nextInt(3),
                    tight ? 1 + random.nextInt(2_000) : 1 << 20,
                    tight ? 1 + random.nextInt(3) : 100,
                    tight ? 1 + random.nextInt(1_000) : 1 << 20,
                    tight ? 1 + random.nextInt(CoreOptions.HIGHEST_PRIORITY) : CoreOptions.HIGHEST_PRIORITY,
                    CoreOptions.USUAL_CLOCK_DRIFT_PERCENT));
        }
        return options;
    }

    /** Lets so many random things happen. */
    void run(int steps) {
        for (int i = 0; i < steps; i++) {
            // What makes a leader busy must not make its time pass faster than that of the others.
            boolean makeBusy = chance(20);
            CoreServer server = makeBusy ? drawLeader() : drawServer();
            if (clocks != null && chance(40)) {
                clocks.pass(1 + random.nextInt((int) tickMillis));
            }
            if (chance(pausePercent) || (chance(20) && isOvertaken(paused))) {
                pauseOrGoOn();
            }
            if (server == paused) {
                continue;
            }
            if (!server.isUp()) {
                if (chance(10)) {
                    start(server);
                }
            } else if (chance(crashPercent) && chance(server.isLeader() ? 60 : 15)) {
                crash(server);
            } else if (server.isSaving()) {
                if (!chance(slowDiskPercent)) {
                    server.save();
                }
            } else {
                server.step(drawInputs(server, makeBusy));
            }
            if (!chance(slowDiskPercent) && server.disk().unsyncedAppends() > 0) {
                server.sync(1 + random.nextInt(server.disk().unsyncedAppends()));
            }
            disturbNetwork();
        }
    }

    /** Stops a server for long enough that the others do without it, leaders above all; or lets it go on. */
    private void pauseOrGoOn() {
        if (paused == null) {
            paused = chance(30) ? drawServer() : drawLeader();
        } else if (chance(isOvertaken(paused) ? 90 : 10)) {
            goOn();
        }
    }

    /** Whether a server believes that it leads while a later leader has committed what it doesn't know of. */
    private boolean isOvertaken(CoreServer server) {
        return server != null
                && server.isLeader()
                && server.core().commitIndex() < checker.committedEntries()
                && servers.stream()
                        .anyMatch(other -> other.isLeader()
                                && other.core().term() > server.core().term());
    }

    /** The first thing that it does then may be to serve a client: it doesn't know yet that it leads no more. */
    private void goOn() {
        CoreServer server = paused;
        paused = null;
        if (server.isUp() && !server.isSaving() && random.nextBoolean()) {
            long requestId = cluster.nextRequestId();
            checker.reading(requestId);
            server.step(List.of(new Input.ReadIndex(requestId)));
        }
    }

    private void start(CoreServer server) {
        if (clocks != null) {
            clocks.started(server.id());
        }
        server.start();
    }

    private void crash(CoreServer server) {
        if (server.isSaving() && random.nextBoolean()) {
            server.saveOnly();
        }
        server.crash(random.nextInt(server.disk().unsyncedEntries() + 1));
        server.setSavesAtOnce(random.nextBoolean());
        server.setAppliesAtOnce(random.nextBoolean());
    }

    private List<Input> drawInputs(CoreServer server, boolean makeBusy) {
        List<Input> inputs = new ArrayList<>();
        do {
            drawInput(server, makeBusy ? 60 + random.nextInt(35) : random.nextInt(100), inputs);
        } while (chance(batchPercent));
        return inputs;
    }

    private void drawInput(CoreServer server, int kind, List<Input> inputs) {
        Message message = kind < 60 ? drawMessageFor(server) : null;
        if (message != null) {
            inputs.add(new Input.Receive(message));
        } else if (kind < 60) {
            tick(server, inputs);
        } else if (kind < 67 && server.hasReports()) {
            inputs.add(server.takeReport());
        } else if (kind < 71 && server.snapshots().hasNews()) {
            inputs.add(server.snapshots().takeNews());
        } else if (kind < 75 && server.appliedIndex() < server.givenOutIndex()) {
            inputs.add(server.applied(server.appliedIndex()
                    + 1
                    + random.nextInt((int) (server.givenOutIndex() - server.appliedIndex()))));
        } else if (kind < 80) {
            inputs.add(drawProposal());
        } else if (kind < 90) {
            long requestId = cluster.nextRequestId();
            if (clocks != null && random.nextBoolean()) {
                tick(server, inputs);
                inputs.add(new Input.LeaseRead(requestId));
            } else {
                inputs.add(new Input.ReadIndex(requestId));
            }
            checker.reading(requestId);
        } else if (kind < 91 && servers.size() > 1) {
            CoreServer peer = servers.get(random.nextInt(servers.size()));
            if (peer != server) {
                inputs.add(new Input.Unreachable(peer.id()));
            }
        } else if (kind < 95) {
            drawRare(server, inputs);
        } else {
            tick(server, inputs);
        }
        if (inputs.isEmpty()) {
            inputs.add(drawProposal());
        }
    }

    private void drawRare(CoreServer server, List<Input> inputs) {
        if (chance(10 * changePercent)) {
            long requestId = cluster.nextRequestId();
            MembershipChange change = drawChange(server);
            checker.changing(requestId, change);
            inputs.add(new Input.ChangeMembership(requestId, change));
        } else if (chance(10 * snapshotPercent)) {
            // The server may have stopped being up to date with itself: what is taken now is told later.
            server.snapshotNow().ifPresent(metadata -> server.snapshots()
                    .taken(metadata, Math.max(1, metadata.index() + 1 - random.nextInt(6))));
        } else if (chance(8 * transferPercent)) {
            inputs.add(new Input.TransferLeadership(
                    cluster.nextRequestId(),
                    random.nextBoolean()
                            ? Optional.empty()
                            : Optional.of(drawServer().id())));
        }
    }

    /** A server that believes that it leads, for it has the most to do; any, if none does. */
    private CoreServer drawLeader() {
        List<CoreServer> leaders = servers.stream()
                .filter(server -> server.isLeader() && server != paused)
                .toList();
        return leaders.isEmpty() ? drawServer() : leaders.get(random.nextInt(leaders.size()));
    }

    private CoreServer drawServer() {
        return servers.get(random.nextInt(servers.size()));
    }

    private MembershipChange drawChange(CoreServer server) {
        NodeId one = drawServer().id();
        List<NodeId> learners = server.core().configuration().learners();
        NodeId learner = learners.isEmpty() ? one : learners.get(random.nextInt(learners.size()));
        return switch (random.nextInt(6)) {
            case 0 -> new MembershipChange.Remove(one);
            case 1 -> new MembershipChange.Replace(one, learner);
            case 2, 3 -> new MembershipChange.Promote(learner);
            default -> new MembershipChange.AddLearner(one, "");
        };
    }

    private void tick(CoreServer server, List<Input> inputs) {
        long millis = clocks == null ? 1 + random.nextInt((int) tickMillis) : clocks.takeMillis(server.id());
        if (millis > 0) {
            inputs.add(new Input.Tick(millis));
        }
    }

    private Input drawProposal() {
        long requestId = cluster.nextRequestId();
        if (chance(10)) {
            return new Input.Propose(requestId, EntryType.CLOCK, new byte[0]);
        }
        List<byte[]> commands = new ArrayList<>(List.of(drawCommand(requestId)));
        while (chance(50)) {
            commands.add(drawCommand(cluster.nextRequestId()));
        }
        return new Input.Propose(requestId, EntryType.COMMAND, commands);
    }

    private byte[] drawCommand(long requestId) {
        String command = requestId + ":" + "x".repeat(random.nextInt(100));
        checker.proposing(requestId, command);
        return command.getBytes(StandardCharsets.UTF_8);
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
                case 4 -> isolateLeader();
                case 1 -> cluster.cut(new Link(one, other));
                case 2, 3 -> split();
                default -> cluster.heal();
            }
        }
    }

    /** Cuts a leader off, which then still believes for a while that it leads. */
    private void isolateLeader() {
        cluster.heal();
        cluster.isolate(drawLeader().id());
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

    /**
     * Heals what is broken, on a majority at least, and demands that a command and a read get through, that no change of
     * membership stays half done, and that a learner can be promoted.
     */
    void demandProgress() {
        cluster.heal();
        paused = null;
        List<CoreServer> up = new ArrayList<>(servers);
        Collections.shuffle(up, random);
        if (random.nextBoolean()) {
            stopWhoIsNotNeeded(up);
        }
        for (CoreServer server : up) {
            server.setSavesAtOnce(true);
            server.setAppliesAtOnce(true);
            if (!server.isUp()) {
                start(server);
            } else if (server.isSaving()) {
                server.save();
            }
            if (server.appliedIndex() < server.givenOutIndex()) {
                server.apply(server.givenOutIndex());
            }
        }
        demandWork(up);
        demandChange(up);
        demandWork(up);
    }

    /** Stops servers as long as all groups that any server believes in keep their majorities. */
    private void stopWhoIsNotNeeded(List<CoreServer> up) {
        List<Configuration> groups = new ArrayList<>();
        groups.add(checker.committedConfiguration());
        for (CoreServer server : servers) {
            if (!server.isUp()) {
                start(server);
            }
            groups.add(server.core().configuration());
        }
        for (CoreServer server : List.copyOf(up)) {
            up.remove(server);
            boolean allWork = groups.stream()
                    .allMatch(group -> hasMajority(group.voters(), up) && hasMajority(group.outgoingVoters(), up));
            if (allWork) {
                server.crash(0);
            } else {
                up.add(server);
            }
        }
    }

    private static boolean hasMajority(List<NodeId> voters, List<CoreServer> up) {
        return voters.isEmpty()
                || up.stream().filter(server -> voters.contains(server.id())).count() >= Quorum.majority(voters.size());
    }

    private void demandWork(List<CoreServer> up) {
        long wanted = checker.committedEntries() + 1;
        long readsBefore = checker.confirmedReads();
        for (long passed = 0; passed < PROGRESS_WITHIN_MILLIS; passed += 100) {
            cluster.run(100);
            cluster.leader().ifPresent(leader -> {
                leader.step(drawProposal());
                for (CoreServer reader : List.of(leader, up.get(0))) {
                    if (reader.isUp()) {
                        long requestId = cluster.nextRequestId();
                        checker.reading(requestId);
                        reader.step(new Input.ReadIndex(requestId));
                    }
                }
            });
            cluster.settle();
            cluster.run(CoreCluster.HEARTBEAT_MILLIS);
            Configuration group = checker.committedConfiguration();
            boolean caughtUp = up.stream()
                    .filter(server -> group.isMember(server.id()))
                    .allMatch(server -> server.appliedIndex() >= wanted
                            && server.logLastIndex() == checker.committedEntries()
                            && server.core().configuration().equals(group));
            if (caughtUp && !group.isJoint() && checker.confirmedReads() > readsBefore) {
                return;
            }
        }
        throw new AssertionError(
                "no progress within " + PROGRESS_WITHIN_MILLIS + " ms after all was healed: " + describe(up));
    }

    /** A learner that is up can be promoted, and any other server that is up can become one. */
    private void demandChange(List<CoreServer> up) {
        Configuration group = checker.committedConfiguration();
        Optional<NodeId> stranger = up.stream()
                .map(CoreServer::id)
                .filter(id -> !group.isVoter(id) && !group.removed().contains(id))
                .findFirst();
        if (stranger.isEmpty()) {
            return;
        }
        NodeId id = stranger.get();
        long before = checker.changesDone();
        for (long passed = 0; passed < PROGRESS_WITHIN_MILLIS; passed += 100) {
            boolean isLearner = checker.committedConfiguration().isLearner(id);
            cluster.leader().ifPresent(leader -> {
                long requestId = cluster.nextRequestId();
                MembershipChange change =
                        isLearner ? new MembershipChange.Promote(id) : new MembershipChange.AddLearner(id, "");
                checker.changing(requestId, change);
                leader.step(new Input.ChangeMembership(requestId, change));
            });
            cluster.run(100);
            if (checker.changesDone() > before
                    && checker.committedConfiguration().isVoter(id)) {
                return;
            }
        }
        throw new AssertionError(id + " could not become a voter of " + group + ": " + describe(up));
    }

    private static List<String> describe(List<CoreServer> up) {
        return up.stream()
                .map(server -> server.id() + " " + server.core().role() + " term "
                        + server.core().term() + " applied " + server.appliedIndex() + " of "
                        + server.logLastIndex() + " snapshot " + server.core().snapshotIndex() + " in "
                        + server.core().configuration() + " " + server.core().progress())
                .toList();
    }
}
