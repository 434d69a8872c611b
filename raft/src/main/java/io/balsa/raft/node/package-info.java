/**
 * One server of a group: threads, queues and futures around the core. Begin with {@link io.balsa.raft.node.RaftNode}.
 *
 * <p>{@link io.balsa.raft.node.RaftDriver} owns the core, {@link io.balsa.raft.node.LogWriter} the log's tail, {@link
 * io.balsa.raft.node.Applier} the state machine, {@link io.balsa.raft.node.SnapshotWriter} the node's own snapshots, {@link
 * io.balsa.raft.node.SnapshotTransfer} those on their way between servers. None waits for another; each sleeps until it is
 * woken.
 */
package io.balsa.raft.node;
