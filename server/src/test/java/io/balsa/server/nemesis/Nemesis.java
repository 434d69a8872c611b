package io.balsa.server.nemesis;

import io.balsa.server.support.FaultyNetwork;
import io.balsa.server.support.JarCluster;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Carries out the steps of a plan on processes and their network, one after the other, and mends all after each. */
final class Nemesis {
    private static final int BREAKS = 6;

    private final JarCluster cluster;
    private final FaultyNetwork network;
    /** Ends every wait at once: a client has met what must not be. */
    private final CountDownLatch failed;

    private final Set<String> paused = new LinkedHashSet<>();

    Nemesis(JarCluster cluster, FaultyNetwork network, CountDownLatch failed) {
        this.cluster = cluster;
        this.network = network;
        this.failed = failed;
    }

    /** Disturbs, holds, and mends. */
    void run(NemesisPlan.Step step) throws InterruptedException {
        String leader = cluster.awaitLeader();
        try {
            begin(step, leader);
        } finally {
            mend();
        }
    }

    private void begin(NemesisPlan.Step step, String leader) throws InterruptedException {
        String someone = pick(cluster.ids(), step.choice());
        List<String> others = new ArrayList<>(cluster.ids());
        others.remove(leader);
        switch (step.kind()) {
            case KILL_LEADER -> cluster.kill(leader);
            case KILL_NODE -> cluster.kill(someone);
            case KILL_MAJORITY ->
                cluster.ids().stream().filter(id -> !id.equals(someone)).forEach(cluster::kill);
            case RESTART_ALL -> cluster.ids().forEach(cluster::kill);
            case PAUSE_LEADER -> pause(leader);
            case PAUSE_NODE -> pause(someone);
            case MUTE_LEADER -> others.forEach(other -> network.cut(leader, other));
            case DEAFEN_LEADER -> others.forEach(other -> network.cut(other, leader));
            case CUT_ONE_WAY -> network.cut(leader, pick(others, step.choice()));
            case ISOLATE_LEADER ->
                others.forEach(other -> {
                    network.cut(leader, other);
                    network.cut(other, leader);
                });
            case LOSE_REPLIES -> cluster.ids().forEach(id -> network.cut(id, FaultyNetwork.CLIENTS));
            case DELAY_PEERS -> cluster.ids().forEach(from -> cluster.ids().forEach(to -> network.delay(from, to)));
            case BREAK_CONNECTIONS -> {
                for (int i = 0; i < BREAKS; i++) {
                    network.breakConnections(i % 2 == 0 ? leader : someone);
                    hold(step.holdMillis() / BREAKS);
                }
                return;
            }
        }
        hold(step.holdMillis());
    }

    private void pause(String id) {
        cluster.node(id).signal("STOP");
        paused.add(id);
    }

    private void hold(long millis) throws InterruptedException {
        if (failed.await(millis, TimeUnit.MILLISECONDS)) {
            throw new AssertionError("a client met what must not be; see its failure");
        }
    }

    private void mend() {
        network.heal();
        paused.forEach(id -> cluster.node(id).signal("CONT"));
        paused.clear();
        cluster.startAll();
    }

    private static String pick(List<String> from, int choice) {
        return from.get(choice % from.size());
    }
}
