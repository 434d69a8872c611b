package io.balsa.simulation.planted;

import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;

/** A Balsa of its own with one bug in it, or none. */
final class Mutant {
    /**
     * A seed that shows that something is broken.
     *
     * @param invariant the name of what it broke
     * @param detail how
     */
    record Finding(long seed, String invariant, String detail) {}

    private final LongFunction<Map<String, String>> runner;

    /** @param replaced the classes that differ from those of the class path */
    @SuppressWarnings("unchecked") // The class is known, only not as this loader's.
    Mutant(Map<String, byte[]> replaced) throws ReflectiveOperationException {
        ClassLoader loader = new MutantLoader(replaced, Mutant.class.getClassLoader());
        runner = (LongFunction<Map<String, String>>) loader.loadClass(SeedRunner.class.getName())
                .getDeclaredConstructor()
                .newInstance();
    }

    /** What a seed shows. */
    Optional<Finding> run(long seed) {
        Map<String, String> broken = runner.apply(seed);
        return broken.isEmpty()
                ? Optional.empty()
                : Optional.of(new Finding(seed, broken.get(SeedRunner.INVARIANT), broken.get(SeedRunner.DETAIL)));
    }

    /** The first seed, from 1, that shows something. */
    Optional<Finding> search(long seeds) {
        for (long seed = 1; seed <= seeds; seed++) {
            Optional<Finding> found = run(seed);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }
}
