package io.balsa.raft.core;

/** Sees all that happens in a {@link CoreCluster}, in order. */
interface ClusterObserver {
    /** A server came up, for the first time or again. */
    default void started(CoreServer server) {}

    /** A server is about to take a step. */
    default void stepping(CoreServer server, Input input) {}

    /** A server took a step, whose effects come later. */
    default void stepped(CoreServer server, Input input) {}

    /** Steps had effects, none of which is carried out yet. */
    default void effects(CoreServer server, Ready ready) {}

    /** A message leaves its sender. */
    default void sent(CoreServer server, Message message) {}

    /** A server's term and vote are durable. */
    default void saved(CoreServer server, HardState hardState) {}

    /** Entries are handed to a server's disk. */
    default void appended(CoreServer server, Ready.Append append) {}

    /** A server found an invariant broken and stopped. */
    default void halted(CoreServer server, InvariantViolation violation) {}
}
