package io.balsa.raft.node;

import org.agrona.concurrent.Agent;

/** An agent that says how long it may sleep when it has nothing to do. Everything in it happens on one thread. */
interface DutyCycle extends Agent {
    /** How long it has nothing to do, unless it is woken; {@link Long#MAX_VALUE} for as long as nobody wakes it. */
    long idleNanos();
}
