package io.balsa.simulation;

/** Unwinds what a simulated process was doing when it ended: nothing after this point ever happened. */
final class PowerLoss extends Error {
    private static final long serialVersionUID = 1L;

    PowerLoss() {
        super("the process is gone", null, false, false);
    }
}
