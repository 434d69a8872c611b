/**
 * What Balsa replicates: clock, sessions, locks, services, key-values, counters and barriers, as one deterministic state
 * machine. No wall clock, no random numbers, no threads: the same entries give the same state on every server.
 */
package io.balsa.statemachine;
