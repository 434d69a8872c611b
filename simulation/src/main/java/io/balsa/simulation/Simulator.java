package io.balsa.simulation;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.NodeStatus;
import io.balsa.simulation.history.History;
import io.balsa.simulation.history.HistoryRecorder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Runs one seed: first with everything going wrong that its {@link FaultPlan} names, to see that nothing is lost or mixed up;
 * then a random majority is left in peace and must serve its clients again, and in the end all servers must agree. On the
 * calling thread, without any other, and without anything that outlives the run.
 */
public final class Simulator {
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long LOOK_EVERY_NANOS = 100 * NANOS_PER_MILLI;
    /** After this time of calm no message of before is on its way any more. */
    private static final long LAST_REPLAYS_NANOS = 5_000 * NANOS_PER_MILLI;

    private static final long STABLE_NANOS = 2_000 * NANOS_PER_MILLI;

    private final long seed;
    private final SimulationOptions options;
    private final World world;
    private final Cluster cluster;
    private final Map<String, HistoryRecorder> histories = new TreeMap<>();
    private final Workload workload;
    private final Clients clients;

    private Simulator(long seed, SimulationOptions options, Trace trace) {
        this.seed = seed;
        this.options = options;
        this.world = new World(seed, trace);
        FaultPlan plan = FaultPlan.draw(world.random("plan"), options);
        this.cluster = new Cluster(world, options, plan);
        this.workload = options.workload().apply(new Context());
        this.clients = new Clients(cluster, workload);
        cluster.ledger().onFirstApplied(workload::applied);
        if (trace.isReadable()) {
            plan.describe(seed).forEach(line -> trace.line(0, "--", line));
        }
    }

    /** Runs a seed. Whatever goes wrong is in the result. */
    public static SimulationResult run(long seed, SimulationOptions options) {
        return run(seed, options, Optional.empty());
    }

    /**
     * Runs a seed and tells each line of its trace.
     *
     * @param lines told what happens while it happens
     */
    public static SimulationResult run(long seed, SimulationOptions options, Consumer<String> lines) {
        return run(seed, options, Optional.of(lines));
    }

    /**
     * Runs a seed twice, the second time without a word, as {@link SeedSeries} does.
     *
     * @param lines told what happens in the first run
     */
    public static SimulationResult replay(long seed, SimulationOptions options, Consumer<String> lines) {
        return run(seed, options, lines).comparedWith(run(seed, options));
    }

    private static SimulationResult run(long seed, SimulationOptions options, Optional<Consumer<String>> lines) {
        Trace trace = new Trace(options.tailLines(), lines);
        Simulator simulator = new Simulator(seed, options, trace);
        simulator.runToItsEnd();
        return simulator.result(trace);
    }

    private void runToItsEnd() {
        try {
            play();
        } catch (InvariantBroken broken) {
            // It is with the world, whence the result takes it.
            world.trace().mix(broken.violation().atNanos());
        } catch (Throwable failure) {
            InvariantBroken broken = world.fail("halt", "the simulation itself fails: " + failure, failure);
            world.trace().mix(broken.violation().atNanos());
        }
    }

    private void play() {
        cluster.nodes().forEach(SimulatedNode::start);
        clients.begin();
        cluster.nemesis().begin(clients);
        cluster.administrator().begin();
        world.runUntil(options.chaos().toNanos());
        List<SimulatedNode> majority = healMajority();
        demandProgress(majority, "liveness");
        healAll();
        demandAgreement();
        if (cluster.plan().staysLong()) {
            demandStability();
        }
        workload.finish();
    }

    /** Peace for a majority and the clients; all others are cut off, or down if they are. */
    private List<SimulatedNode> healMajority() {
        cluster.nemesis().calm();
        cluster.network().calm();
        cluster.network().mendAll();
        clients.heal();
        List<SimulatedNode> majority = drawMajority();
        SplittableRandom random = world.random("the others");
        int ways = random.nextInt(4);
        for (SimulatedNode node : cluster.nodes()) {
            if (majority.contains(node)) {
                revive(node);
            } else if (!cluster.ledger().configuration().removed().contains(node.id())) {
                if (cluster.plan().kinds().contains(Fault.LEADER_TRANSFER) && random.nextInt(3) == 0) {
                    cluster.nemesis().transferLeadership(Optional.of(node.id()));
                }
                cutOff(node, majority, ways);
            }
        }
        note("peace for " + majority);
        return majority;
    }

    /** @param ways 0: it may still be heard, 1: it may still hear, else neither */
    private void cutOff(SimulatedNode node, List<SimulatedNode> majority, int ways) {
        for (SimulatedNode other : majority) {
            if (ways != 0) {
                cluster.network().cut(node.index(), other.index());
            }
            if (ways != 1) {
                cluster.network().cut(other.index(), node.index());
            }
        }
    }

    /** Servers that are a majority of whichever configuration may be in effect. */
    private List<SimulatedNode> drawMajority() {
        List<SimulatedNode> sound = new ArrayList<>(cluster.nodes());
        sound.removeIf(SimulatedNode::isRuined);
        Collections.shuffle(sound, new Random(world.random("majority").nextLong()));
        List<SimulatedNode> majority = new ArrayList<>();
        Set<Set<NodeId>> possible = cluster.administrator().possibleVoters();
        for (SimulatedNode node : sound) {
            if (possible.stream().anyMatch(voters -> voters.contains(node.id()) && !isMajority(majority, voters))) {
                majority.add(node);
            }
        }
        return majority;
    }

    private static boolean isMajority(List<SimulatedNode> nodes, Set<NodeId> voters) {
        return nodes.stream().filter(node -> voters.contains(node.id())).count() > voters.size() / 2;
    }

    private void revive(SimulatedNode node) {
        if (node.disk().isFailing()) {
            node.kill();
        }
        node.resume();
        node.start();
    }

    private void demandProgress(List<SimulatedNode> majority, String invariant) {
        long before = workload.succeeded();
        long deadline = world.nowNanos() + options.progressBound().toNanos();
        while (workload.succeeded() <= before) {
            if (world.nowNanos() >= deadline) {
                throw world.fail(
                        invariant,
                        majority + " are left in peace, and serve nobody within "
                                + options.progressBound().toSeconds() + " s");
            }
            world.runUntil(world.nowNanos() + LOOK_EVERY_NANOS);
        }
    }

    private void healAll() {
        cluster.network().mendAll();
        cluster.nodes().forEach(this::revive);
        clients.stop();
        note("peace for all");
    }

    /** All servers that can run have applied the same entries, and are in the same state. */
    private void demandAgreement() {
        long deadline = world.nowNanos() + options.progressBound().toNanos();
        while (!agree()) {
            if (world.nowNanos() >= deadline) {
                throw world.fail(
                        "convergence",
                        "after " + options.progressBound().toSeconds() + " s in peace: "
                                + cluster.nodes().stream()
                                        .map(SimulatedNode::status)
                                        .toList());
            }
            world.runUntil(world.nowNanos() + LOOK_EVERY_NANOS);
        }
        for (SimulatedNode node : cluster.nodes()) {
            node.machine().ifPresent(machine -> cluster.ledger()
                    .compareState(node, node.status().orElseThrow().lastApplied(), machine));
        }
    }

    /** When nothing goes wrong, nobody wants to lead instead of the leader, those that were removed included. */
    private void demandStability() {
        world.runUntil(Math.max(world.nowNanos(), options.chaos().toNanos() + LAST_REPLAYS_NANOS));
        demandAgreement();
        if (!cluster.administrator().isIdle()) {
            return;
        }
        int terms = cluster.ledger().terms();
        world.runUntil(world.nowNanos() + STABLE_NANOS);
        if (cluster.ledger().terms() != terms) {
            throw world.fail("stability", "the leadership changes although nothing is wrong");
        }
    }

    private boolean agree() {
        Configuration configuration = cluster.ledger().configuration();
        long applied = -1;
        for (NodeId member : configuration.members()) {
            SimulatedNode node = cluster.node(member);
            if (node.isRuined()) {
                continue;
            }
            Optional<NodeStatus> status = node.status();
            if (status.isEmpty()
                    || configuration.isJoint()
                    || !status.get().configuration().equals(configuration)) {
                return false;
            }
            long lastApplied = status.get().lastApplied();
            if (lastApplied != status.get().lastIndex() || (applied >= 0 && applied != lastApplied)) {
                return false;
            }
            applied = lastApplied;
        }
        return true;
    }

    private void note(String what) {
        world.trace().event(world.nowNanos(), 62, what.hashCode());
        if (world.trace().isReadable()) {
            world.trace().line(world.nowNanos(), "--", what);
        }
    }

    private SimulationResult result(Trace trace) {
        return new SimulationResult(
                seed,
                world.violation(),
                trace.hash(),
                world.nowNanos(),
                world.executed(),
                cluster.ledger().committedEntries(),
                cluster.ledger().terms(),
                workload.succeeded(),
                cluster.nemesis().injected(),
                recorded(),
                trace.tail());
    }

    private Map<String, History> recorded() {
        Map<String, History> recorded = new TreeMap<>();
        histories.forEach((model, recorder) -> recorded.put(model, recorder.history()));
        return recorded;
    }

    private final class Context implements WorkloadContext {
        @Override
        public long nowNanos() {
            return world.nowNanos();
        }

        @Override
        public SplittableRandom random(String component) {
            return world.random("workload " + component);
        }

        @Override
        public HistoryRecorder history(String model) {
            return histories.computeIfAbsent(model, name -> new HistoryRecorder(world::nowNanos));
        }

        @Override
        public void require(boolean condition, String invariant, Supplier<String> detail) {
            if (!condition) {
                throw world.fail(invariant, detail.get());
            }
        }
    }
}
