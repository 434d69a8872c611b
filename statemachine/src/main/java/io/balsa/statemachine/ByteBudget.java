package io.balsa.statemachine;

/** Counts bytes that many owners share, so that all of them together are bounded, too. */
final class ByteBudget {
    private final long maxBytes;
    private long usedBytes;

    ByteBudget(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    void use(long bytes) {
        usedBytes += bytes;
    }

    void giveBack(long bytes) {
        usedBytes -= bytes;
    }

    boolean isExhausted() {
        return usedBytes >= maxBytes;
    }

    long usedBytes() {
        return usedBytes;
    }
}
