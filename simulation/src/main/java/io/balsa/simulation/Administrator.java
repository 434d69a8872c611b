package io.balsa.simulation;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.MembershipChange;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * Whoever runs the group: adds, promotes, replaces and removes servers, and puts new ones in the place of those whose disks
 * are gone. Knows how many disks can be missed, whatever configuration may be in effect, and never goes below that.
 */
final class Administrator {
    private static final long MILLI = 1_000_000;
    private static final int MOST_PENDING = 2;

    private record Pending(MembershipChange change) {}

    private final Cluster cluster;
    private final World world;
    private final SplittableRandom random;
    private final boolean wilful;
    private final long meanPauseNanos;
    private final List<Pending> pending = new ArrayList<>();
    private long done;

    Administrator(Cluster cluster) {
        this.cluster = cluster;
        this.world = cluster.world();
        this.random = world.random("administrator");
        this.wilful = cluster.plan().kinds().contains(Fault.MEMBERSHIP_CHANGE);
        this.meanPauseNanos = random.nextLong(200 * MILLI, 2_500 * MILLI);
    }

    void begin() {
        if (cluster.plan().spares() > 0) {
            next();
        }
    }

    private void next() {
        // Often in the middle of the last change.
        long pause = random.nextInt(3) == 0
                ? random.nextLong(4 * cluster.plan().meanDelayNanos())
                : meanPauseNanos / 4 + random.nextLong(meanPauseNanos * 3 / 2);
        world.after(pause, () -> {
            if (!cluster.nemesis().isCalm()) {
                if (pending.size() < MOST_PENDING) {
                    draw(cluster.ledger().configuration()).ifPresent(this::change);
                }
                next();
            }
        });
    }

    /** How many changes were done. */
    long done() {
        return done;
    }

    /** Whether nothing is under way. */
    boolean isIdle() {
        return pending.isEmpty();
    }

    // ---- what it wants ---------------------------------------------------------------------------------------------

    private Optional<MembershipChange> draw(Configuration known) {
        List<NodeId> voters = known.voters();
        List<NodeId> lost = voters.stream().filter(this::isLost).toList();
        List<NodeId> learners =
                known.learners().stream().filter(id -> !isLost(id)).toList();
        if (!lost.isEmpty() && (!wilful || random.nextInt(3) > 0)) {
            return learners.isEmpty()
                    ? addition(known)
                    : Optional.of(new MembershipChange.Replace(one(lost), one(learners)));
        }
        if (!wilful) {
            return Optional.empty();
        }
        int choice = random.nextInt(100);
        if (choice < 5 && !known.removed().isEmpty()) {
            return Optional.of(new MembershipChange.AddLearner(one(known.removed()), ""));
        } else if (choice < 30) {
            return Optional.of(new MembershipChange.Remove(one(random.nextInt(6) == 0 ? known.members() : voters)));
        } else if (learners.isEmpty()) {
            return addition(known);
        } else if (choice < 65) {
            return Optional.of(new MembershipChange.Promote(one(learners)));
        }
        return Optional.of(new MembershipChange.Replace(one(voters), one(learners)));
    }

    private Optional<MembershipChange> addition(Configuration known) {
        for (SimulatedNode node : cluster.nodes()) {
            boolean waits = node.index() >= cluster.firstVoters().size()
                    && !known.isMember(node.id())
                    && !known.removed().contains(node.id())
                    && !node.isRuined();
            if (waits) {
                return Optional.of(new MembershipChange.AddLearner(node.id(), ""));
            }
        }
        return Optional.ofNullable(cluster.install()).map(installed -> {
            installed.start();
            return new MembershipChange.AddLearner(installed.id(), "");
        });
    }

    private NodeId one(List<NodeId> ids) {
        return ids.get(random.nextInt(ids.size()));
    }

    private boolean isLost(NodeId id) {
        return cluster.node(id).isRuined();
    }

    // ---- what it does ----------------------------------------------------------------------------------------------

    /** Asks every server, for who leads nobody knows for sure. */
    private void change(MembershipChange change) {
        Pending asked = new Pending(change);
        pending.add(asked);
        if (!canMiss(Set.of())) {
            pending.remove(asked);
            return;
        }
        note(change.toString());
        List<CompletableFuture<ClientResponse>> answers = cluster.nodes().stream()
                .filter(node -> !node.isDown())
                .map(node -> node.submit(new ClientRequest.ChangeMembership(change)))
                .toList();
        CompletableFuture<?> unused = CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenRun(() -> {
                    pending.remove(asked);
                    if (answers.stream().anyMatch(answer -> answer.join() instanceof ClientResponse.Done)) {
                        succeeded(change);
                    }
                });
    }

    private void succeeded(MembershipChange change) {
        done++;
        note("done: " + change);
        NodeId gone = change instanceof MembershipChange.Remove remove
                ? remove.id()
                : change instanceof MembershipChange.Replace replace ? replace.voter() : null;
        if (gone != null && random.nextBoolean()) {
            // Others forget to end the process; it must disturb nobody.
            world.after(random.nextLong(3_000 * MILLI), () -> cluster.node(gone).kill());
        }
    }

    // ---- what may be in effect -------------------------------------------------------------------------------------

    /** Whether the group can do without some more machines for ever, whichever configuration is in effect or may come. */
    boolean canMiss(Set<NodeId> more) {
        return possibleVoters().stream()
                .allMatch(voters -> voters.stream()
                                .filter(id -> !isLost(id) && !more.contains(id))
                                .count()
                        > voters.size() / 2);
    }

    /** All sets of voters of which a majority may be needed: of what is in any log or on its way, and of what was asked for. */
    Set<Set<NodeId>> possibleVoters() {
        Set<Set<NodeId>> possible = new HashSet<>();
        for (Configuration configuration : cluster.ledger().possibleConfigurations()) {
            add(possible, configuration.voters());
            add(possible, configuration.outgoingVoters());
        }
        List<Set<NodeId>> open = new ArrayList<>(possible);
        while (!open.isEmpty()) {
            Set<NodeId> voters = open.remove(open.size() - 1);
            for (Pending asked : pending) {
                Set<NodeId> changed = after(asked.change(), voters);
                if (!changed.isEmpty() && possible.add(changed)) {
                    open.add(changed);
                }
            }
        }
        return possible;
    }

    private static void add(Set<Set<NodeId>> possible, List<NodeId> voters) {
        if (!voters.isEmpty()) {
            possible.add(new TreeSet<>(voters));
        }
    }

    private static Set<NodeId> after(MembershipChange change, Set<NodeId> voters) {
        Set<NodeId> changed = new TreeSet<>(voters);
        if (change instanceof MembershipChange.Promote promote) {
            changed.add(promote.id());
        } else if (change instanceof MembershipChange.Remove remove) {
            changed.remove(remove.id());
        } else if (change instanceof MembershipChange.Replace replace && changed.remove(replace.voter())) {
            changed.add(replace.learner());
        }
        return changed;
    }

    private void note(String what) {
        world.trace().event(world.nowNanos(), 61, what.hashCode());
        if (world.trace().isReadable()) {
            world.trace().line(world.nowNanos(), "--", what);
        }
    }
}
