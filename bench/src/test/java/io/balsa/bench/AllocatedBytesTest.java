package io.balsa.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AllocatedBytesTest {
    private static final int BYTES = 10 << 20;

    private volatile byte[] kept;

    @Test
    void countsForEachThreadItsOwn() {
        String name = Thread.currentThread().getName();
        AllocatedBytes before = AllocatedBytes.now();

        kept = new byte[BYTES];
        AllocatedBytes after = AllocatedBytes.now();

        assertThat(kept).hasSize(BYTES);
        assertThat(after.since(before, name::equals)).isBetween((long) BYTES, 2L * BYTES);
        assertThat(after.since(before, "nobody's"::equals)).isZero();
        assertThat(after.since(before, any -> true)).isGreaterThanOrEqualTo(after.since(before, name::equals));
    }
}
