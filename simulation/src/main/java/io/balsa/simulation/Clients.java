package io.balsa.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The processes of clients: when one ends, another takes its place. */
final class Clients {
    private final Cluster cluster;
    private final Workload workload;
    private final SplittableRandom random;
    private final List<SimulatedClient> processes = new ArrayList<>();
    private final int[] incarnations;
    private boolean stopped;

    Clients(Cluster cluster, Workload workload) {
        this.cluster = cluster;
        this.workload = workload;
        this.random = cluster.world().random("clients");
        this.incarnations = new int[cluster.plan().clients()];
    }

    void begin() {
        for (int number = 0; number < incarnations.length; number++) {
            processes.add(null);
            replace(number);
        }
    }

    private void replace(int number) {
        if (stopped) {
            return;
        }
        String name = "c" + (number + 1) + (incarnations[number] == 0 ? "" : "." + incarnations[number]);
        incarnations[number]++;
        SimulatedClient process = new SimulatedClient(cluster, number, name);
        processes.set(number, process);
        workload.begin(process);
    }

    boolean pauseOne(long nanos) {
        one().pause(nanos);
        return true;
    }

    boolean killOne(long nanosWithout) {
        int number = random.nextInt(processes.size());
        SimulatedClient process = processes.get(number);
        if (process.isGone()) {
            return false;
        }
        process.end();
        workload.ended(process);
        cluster.world().after(nanosWithout, () -> replace(number));
        return true;
    }

    void hurry() {
        workload.hurry();
    }

    private SimulatedClient one() {
        return processes.get(random.nextInt(processes.size()));
    }

    /** Nobody stands still any more, and every place is taken. */
    void heal() {
        for (int number = 0; number < processes.size(); number++) {
            processes.get(number).resume();
            if (processes.get(number).isGone()) {
                replace(number);
            }
        }
    }

    void stop() {
        stopped = true;
        workload.stop();
    }
}
