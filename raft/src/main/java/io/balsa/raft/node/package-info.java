/**
 * One server of a group: threads, queues and futures around the core. Begin with {@link io.balsa.raft.node.RaftNode}.
 *
 * <p>Three threads: {@link io.balsa.raft.node.RaftDriver} owns the core, {@link io.balsa.raft.node.LogWriter} the log's
 * tail, {@link io.balsa.raft.node.Applier} the state machine. None waits for another; each sleeps until it is woken.
 */
package io.balsa.raft.node;
