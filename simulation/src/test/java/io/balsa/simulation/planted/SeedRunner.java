package io.balsa.simulation.planted;

import io.balsa.simulation.SimulationOptions;
import io.balsa.simulation.Simulator;
import java.util.Map;
import java.util.function.LongFunction;

/**
 * Runs seeds within whatever Balsa it is loaded with, and tells of each what it broke: the invariant and its detail, or
 * nothing. It speaks of this in the JDK's types alone, which all loaders share.
 */
public final class SeedRunner implements LongFunction<Map<String, String>> {
    static final String INVARIANT = "invariant";
    static final String DETAIL = "detail";

    private final SimulationOptions options = SimulationOptions.defaults();

    @Override
    public Map<String, String> apply(long seed) {
        return Simulator.run(seed, options)
                .violation()
                .map(broken -> Map.of(INVARIANT, broken.invariant(), DETAIL, broken.detail()))
                .orElse(Map.of());
    }
}
