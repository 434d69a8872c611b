/**
 * Raft itself, as a pure function of its inputs: no clock, thread, logger, socket, file or random global. Begin with {@link
 * io.balsa.raft.core.RaftCore}.
 */
package io.balsa.raft.core;
