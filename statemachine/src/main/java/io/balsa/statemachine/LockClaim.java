package io.balsa.statemachine;

import io.balsa.statemachine.proto.LockMode;

/**
 * What one handle of a session wants of a lock.
 *
 * @param holder which handle
 * @param permits of a semaphore; 0 in the other modes
 * @param data what it wants to be seen with
 */
record LockClaim(LiveSession session, long holder, LockMode mode, int permits, String data) {}
