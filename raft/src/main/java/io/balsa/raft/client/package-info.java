/**
 * A group as its clients see it: finding the leader, trying again, telling what happened. Begin with {@link
 * io.balsa.raft.client.RaftClient}.
 */
package io.balsa.raft.client;
