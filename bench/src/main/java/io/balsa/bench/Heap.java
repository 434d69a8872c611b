package io.balsa.bench;

import java.lang.management.ManagementFactory;

/** How much of the heap is in use, to tell what objects cost. */
public final class Heap {
    private static final int COLLECTIONS = 2;

    private Heap() {}

    /** The bytes that are still in use after collecting what is not. */
    public static long usedBytes() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < COLLECTIONS; i++) {
            // One collection may leave what references of several kinds hold on to.
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }
}
