package io.balsa.bench;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.Set;

/**
 * How often the garbage collector has stopped everything to go through the whole heap.
 *
 * @param count since the JVM began
 */
public record FullCollections(long count) {
    /** As G1, the serial and the parallel collector call it; what G1 does beside the application goes by another name. */
    private static final Set<String> FULL = Set.of("G1 Old Generation", "MarkSweepCompact", "PS MarkSweep");

    /** Asks the JVM. */
    public static FullCollections now() {
        return new FullCollections(ManagementFactory.getGarbageCollectorMXBeans().stream()
                .filter(collector -> FULL.contains(collector.getName()))
                .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                .sum());
    }
}
