package io.balsa.simulation;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.Role;
import io.balsa.raft.port.NodeStatus;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The {@link Nemesis}'s faults that are no accident: they wait for the moment in which most is at stake, and strike the leader
 * then, because what strikes anybody at any time strikes such a moment once in a thousand runs.
 */
final class Ambushes {
    private static final long MILLI = 1_000_000;
    private static final long LOOK_EVERY_NANOS = 20 * MILLI;
    private static final long LONGEST_NANOS = 4_000 * MILLI;

    private final Cluster cluster;
    private final Nemesis nemesis;
    private final World world;
    private final SplittableRandom random;
    private final long meanDelayNanos;

    Ambushes(Cluster cluster, Nemesis nemesis) {
        this.cluster = cluster;
        this.nemesis = nemesis;
        this.world = cluster.world();
        this.random = world.random("ambushes");
        this.meanDelayNanos = cluster.plan().meanDelayNanos();
    }

    private boolean isAwaited(Fault fault) {
        return !nemesis.isCalm() && cluster.plan().kinds().contains(fault);
    }

    // ---- the moments -----------------------------------------------------------------------------------------------

    /** A server leads a term. */
    void leaderAppears(SimulatedNode leader) {
        if (isAwaited(Fault.SHORT_REIGN) && random.nextInt(3) == 0) {
            later(8 * meanDelayNanos, () -> {
                strike(leader);
                nemesis.struck(Fault.SHORT_REIGN);
            });
        }
    }

    /** A leader's log has another configuration, which nobody else has yet. */
    void configurationAppears(SimulatedNode leader, Configuration next) {
        if (isAwaited(Fault.INTERRUPTED_CHANGE) && random.nextBoolean()) {
            later(random.nextBoolean() ? meanDelayNanos : 4 * meanDelayNanos, () -> {
                if (next.isJoint() && random.nextInt(3) > 0) {
                    divide(leader, next);
                } else {
                    strike(leader);
                }
                nemesis.struck(Fault.INTERRUPTED_CHANGE);
            });
        }
    }

    private void later(long withinNanos, Runnable action) {
        world.after(random.nextLong(withinNanos), () -> {
            if (!nemesis.isCalm()) {
                action.run();
            }
        });
    }

    // ---- what is done ----------------------------------------------------------------------------------------------

    /**
     * Cuts a leader off that has just been given much to do, until the others have another leader; then the one meets the other's
     * followers, often without that other. So logs end differently: a long one of an old term, short ones of later terms.
     */
    boolean strandLeader() {
        Optional<SimulatedNode> leader = leader();
        leader.ifPresent(stranded -> {
            nemesis.note(stranded + " is to be left alone with what it appends");
            nemesis.hurryClients();
            later(4 * meanDelayNanos, () -> {
                List<int[]> ways = waysOf(stranded);
                cut(ways);
                awaitSuccessor(stranded, ways, world.nowNanos() + LONGEST_NANOS);
            });
        });
        return leader.isPresent();
    }

    private void awaitSuccessor(SimulatedNode stranded, List<int[]> ways, long deadlineNanos) {
        world.after(LOOK_EVERY_NANOS, () -> {
            if (nemesis.isCalm()) {
                return;
            }
            Optional<SimulatedNode> successor = leader().filter(leader -> leader != stranded);
            if (successor.isEmpty() && world.nowNanos() < deadlineNanos) {
                awaitSuccessor(stranded, ways, deadlineNanos);
                return;
            }
            later(random.nextBoolean() ? 4 * meanDelayNanos : 2_000 * MILLI, () -> {
                mend(ways);
                if (random.nextInt(3) > 0) {
                    successor.ifPresent(this::strike);
                }
            });
        });
    }

    /**
     * Holds back what is said to the leader, less long than it takes to lose faith in it, and in the meantime lets nobody hear
     * it: late answers are all that it has of its followers, who have long been looking for another.
     */
    boolean holdAnswersBack() {
        Optional<SimulatedNode> leader = leader();
        leader.ifPresent(deaf -> {
            long nanos = random.nextLong(random.nextBoolean() ? 350 * MILLI : 50 * MILLI, 490 * MILLI);
            holdBack(deaf, nanos);
            later(nanos + 500 * MILLI, nemesis::hurryClients);
            world.after(random.nextLong(random.nextBoolean() ? 50 * MILLI : nanos), () -> {
                if (!nemesis.isCalm()) {
                    List<int[]> ways = others(deaf)
                            .mapToObj(to -> new int[] {deaf.index(), to})
                            .toList();
                    nemesis.cutFor(ways, random.nextLong(500 * MILLI, 2_000 * MILLI));
                }
            });
        });
        return leader.isPresent();
    }

    /** A leader that hands its leadership over does not hear for a while that it did. */
    void deafenLeader() {
        leader().ifPresent(leader -> {
            nemesis.hurryClients();
            holdBack(leader, random.nextLong(50 * MILLI, 800 * MILLI));
        });
    }

    private void holdBack(SimulatedNode leader, long nanos) {
        nemesis.note("for " + nanos / MILLI + " ms, " + leader + " hears nothing");
        others(leader).forEach(from -> cluster.network().clog(from, leader.index(), world.nowNanos() + nanos));
    }

    /** Something that befalls a leader. */
    private void strike(SimulatedNode leader) {
        if (leader.isDown()) {
            return;
        }
        switch (random.nextInt(6)) {
            case 0 -> {
                leader.kill();
                nemesis.restartLater(leader);
            }
            case 1 -> {
                leader.losePower();
                nemesis.restartLater(leader);
            }
            case 2 -> leader.pause(random.nextLong(300 * MILLI, 3_000 * MILLI));
            case 3 -> {
                nemesis.note("nobody hears " + leader);
                nemesis.cutFor(
                        others(leader)
                                .mapToObj(to -> new int[] {leader.index(), to})
                                .toList(),
                        random.nextLong(300 * MILLI, 3_000 * MILLI));
            }
            default -> {
                nemesis.note(leader + " is alone");
                nemesis.cutFor(waysOf(leader), random.nextLong(300 * MILLI, 3_000 * MILLI));
            }
        }
    }

    /** The network falls apart just where a majority of the new voters ends; the old ones have theirs on the other side. */
    private void divide(SimulatedNode leader, Configuration joint) {
        Set<NodeId> oldMajority = new HashSet<>(someOf(joint.outgoingVoters(), Set.of()));
        Set<NodeId> newMajority = new HashSet<>(someOf(joint.voters(), oldMajority));
        List<int[]> ways = new ArrayList<>();
        for (SimulatedNode one : cluster.nodes()) {
            for (SimulatedNode other : cluster.nodes()) {
                if (newMajority.contains(one.id()) != newMajority.contains(other.id())) {
                    ways.add(new int[] {one.index(), other.index()});
                }
            }
        }
        nemesis.note("the network falls apart: " + newMajority + " of the new voters alone");
        nemesis.cutFor(ways, random.nextLong(500 * MILLI, LONGEST_NANOS));
        if (random.nextInt(3) == 0 && !leader.isDown()) {
            leader.losePower();
            nemesis.restartLater(leader);
        }
    }

    /** A majority of voters, those preferred that are not taken already. */
    private List<NodeId> someOf(List<NodeId> voters, Set<NodeId> taken) {
        List<NodeId> shuffled = new ArrayList<>(voters);
        Collections.shuffle(shuffled, new Random(random.nextLong()));
        List<NodeId> ordered = new ArrayList<>(shuffled);
        ordered.removeAll(taken);
        shuffled.retainAll(taken);
        ordered.addAll(shuffled);
        return ordered.subList(0, voters.size() / 2 + 1);
    }

    // ---- who and where ---------------------------------------------------------------------------------------------

    /** Who leads the latest term, as far as any server knows of itself. */
    private Optional<SimulatedNode> leader() {
        SimulatedNode leader = null;
        long term = 0;
        for (SimulatedNode node : cluster.nodes()) {
            Optional<NodeStatus> status = node.status();
            if (status.isPresent()
                    && status.get().role() == Role.LEADER
                    && status.get().term() > term) {
                leader = node;
                term = status.get().term();
            }
        }
        return Optional.ofNullable(leader);
    }

    private IntStream others(SimulatedNode node) {
        return IntStream.range(0, cluster.mostNodes()).filter(index -> index != node.index());
    }

    private List<int[]> waysOf(SimulatedNode node) {
        List<int[]> ways = new ArrayList<>();
        others(node).forEach(other -> {
            ways.add(new int[] {node.index(), other});
            ways.add(new int[] {other, node.index()});
        });
        return ways;
    }

    private void cut(List<int[]> ways) {
        ways.forEach(way -> cluster.network().cut(way[0], way[1]));
    }

    private void mend(List<int[]> ways) {
        ways.forEach(way -> cluster.network().mend(way[0], way[1]));
    }
}
