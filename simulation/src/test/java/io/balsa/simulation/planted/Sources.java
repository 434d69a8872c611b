package io.balsa.simulation.planted;

import java.util.List;

/** Makes the bugs of one package of production sources. */
record Sources(String directory) {
    static final Sources CORE = new Sources("raft/src/main/java/io/balsa/raft/core/");
    static final Sources NODE = new Sources("raft/src/main/java/io/balsa/raft/node/");
    static final Sources CLIENT = new Sources("raft/src/main/java/io/balsa/raft/client/");
    static final Sources STATE_MACHINE = new Sources("statemachine/src/main/java/io/balsa/statemachine/");
    static final Sources SESSION = new Sources("statemachine/src/main/java/io/balsa/statemachine/session/");

    PlantedBug bug(String name, List<Integer> cases, String rule, String type, String find, String replacement) {
        return new PlantedBug(name, cases, rule, List.of(new PlantedBug.Edit(fileOf(type), find, replacement)));
    }

    /** The source of a type, relative to the root of the repository. */
    String fileOf(String type) {
        return directory + type + ".java";
    }
}
