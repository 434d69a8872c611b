package io.balsa.server.nemesis;

/** What a nemesis does to a cluster for a while. */
enum Disturbance {
    /** SIGKILL of the leader, which is started again at the end. */
    KILL_LEADER,
    /** SIGKILL of some node, which is started again at the end. */
    KILL_NODE,
    /** SIGKILL of a majority: nothing can be acknowledged until the end. */
    KILL_MAJORITY,
    /** SIGKILL of all nodes, which are started again together. */
    RESTART_ALL,
    /** SIGSTOP of the leader, which wakes up deposed and does not know it. */
    PAUSE_LEADER,
    /** SIGSTOP of some node. */
    PAUSE_NODE,
    /** The leader is heard by nobody, but hears all. */
    MUTE_LEADER,
    /** The leader is heard by all, but hears nobody. */
    DEAFEN_LEADER,
    /** One node does not hear one other. */
    CUT_ONE_WAY,
    /** The leader is cut off from its peers in both directions, though not from its clients. */
    ISOLATE_LEADER,
    /** Requests arrive, their replies do not. */
    LOSE_REPLIES,
    /** Everything among peers comes late. */
    DELAY_PEERS,
    /** All connections of a node break, again and again. */
    BREAK_CONNECTIONS
}
