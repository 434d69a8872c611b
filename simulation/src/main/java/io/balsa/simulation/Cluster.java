package io.balsa.simulation;

import io.balsa.raft.core.NodeId;
import io.balsa.raft.node.RaftOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** The machines of one run, what is between them, and what watches them. */
final class Cluster {
    private final World world;
    private final SimulationOptions options;
    private final FaultPlan plan;
    private final SimulatedNetwork network;
    private final Ledger ledger;
    private final List<SimulatedNode> nodes = new ArrayList<>();
    private final Map<NodeId, SimulatedNode> nodesById = new HashMap<>();
    private final List<NodeId> firstVoters;
    private final SplittableRandom clocks;
    private final Administrator administrator;
    private final Nemesis nemesis;

    Cluster(World world, SimulationOptions options, FaultPlan plan) {
        this.world = world;
        this.options = options;
        this.plan = plan;
        this.network = new SimulatedNetwork(world, plan, mostNodes() + plan.clients());
        this.clocks = world.random("clocks");
        for (int i = 0; i < plan.nodes(); i++) {
            add(new SimulatedNode(this, i, pace(clocks), false));
        }
        this.firstVoters = nodes.stream().map(SimulatedNode::id).toList();
        this.ledger = new Ledger(this);
        this.administrator = new Administrator(this);
        this.nemesis = new Nemesis(this);
    }

    /** How fast a clock of this run goes. */
    double pace(SplittableRandom random) {
        return 1 + plan.drift() * (2 * random.nextDouble() - 1);
    }

    World world() {
        return world;
    }

    SimulationOptions options() {
        return options;
    }

    FaultPlan plan() {
        return plan;
    }

    SimulatedNetwork network() {
        return network;
    }

    Ledger ledger() {
        return ledger;
    }

    Nemesis nemesis() {
        return nemesis;
    }

    Administrator administrator() {
        return administrator;
    }

    /** All machines that have ever run a server of the group, those that were removed as well. */
    List<SimulatedNode> nodes() {
        return nodes;
    }

    /** How many machines there can ever be. */
    int mostNodes() {
        return plan.nodes() + plan.spares();
    }

    /** Where servers take clients, those that will join later as well. */
    List<String> clientAddresses() {
        return IntStream.range(0, mostNodes())
                .mapToObj(SimulatedNode::clientAddress)
                .toList();
    }

    /** The voters with which the group begins. */
    List<NodeId> firstVoters() {
        return firstVoters;
    }

    /** A machine that was never used before, with an empty disk and a new name; null if there is none left. */
    SimulatedNode install() {
        if (nodes.size() == mostNodes()) {
            return null;
        }
        SimulatedNode node = new SimulatedNode(this, nodes.size(), pace(clocks), true);
        add(node);
        return node;
    }

    private void add(SimulatedNode node) {
        nodes.add(node);
        nodesById.put(node.id(), node);
    }

    /** The machine of that name, or null. */
    SimulatedNode node(NodeId id) {
        return nodesById.get(id);
    }

    RaftOptions raftOptions(long seed) {
        return options.raftOptions(seed, plan);
    }
}
