package io.balsa.simulation.planted;

import java.util.List;
import java.util.stream.Stream;

/** All bugs that the simulator has to find. */
final class PlantedBugs {
    private PlantedBugs() {}

    static List<PlantedBug> all() {
        return Stream.of(
                        ElectionBugs.all(),
                        ReplicationBugs.all(),
                        ReadBugs.all(),
                        MembershipBugs.all(),
                        SnapshotBugs.all(),
                        StateMachineBugs.all(),
                        LockBugs.all(),
                        SessionBugs.all())
                .flatMap(List::stream)
                .toList();
    }
}
