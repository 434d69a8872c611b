/**
 * What Balsa replicates: clock, sessions, locks, services and key-values, as one deterministic state machine. No wall clock,
 * no random numbers, no threads: the same entries give the same state on every server.
 */
package io.balsa.statemachine;
