package io.balsa.simulation;

import io.balsa.raft.core.NodeId;
import io.balsa.raft.node.RaftOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The machines of one run, what is between them, and what watches them. */
final class Cluster {
    private final World world;
    private final SimulationOptions options;
    private final FaultPlan plan;
    private final SimulatedNetwork network;
    private final Ledger ledger;
    private final List<SimulatedNode> nodes = new ArrayList<>();
    private final List<NodeId> voters;
    private final Nemesis nemesis;

    Cluster(World world, SimulationOptions options, FaultPlan plan) {
        this.world = world;
        this.options = options;
        this.plan = plan;
        this.network = new SimulatedNetwork(world, plan, plan.nodes() + plan.clients());
        this.ledger = new Ledger(this);
        SplittableRandom random = world.random("clocks");
        for (int i = 0; i < plan.nodes(); i++) {
            nodes.add(new SimulatedNode(this, i, pace(random)));
        }
        this.voters = nodes.stream().map(SimulatedNode::id).toList();
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

    List<SimulatedNode> nodes() {
        return nodes;
    }

    List<NodeId> voters() {
        return voters;
    }

    /** The machine of that name, or null. */
    SimulatedNode node(NodeId id) {
        for (SimulatedNode node : nodes) {
            if (node.id().equals(id)) {
                return node;
            }
        }
        return null;
    }

    RaftOptions raftOptions(long seed) {
        return options.raftOptions(seed, plan);
    }
}
