package io.balsa.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FloorsTest {
    private final Floors floors = new Floors(SampleRun.record());

    @Test
    void areThoseOfTheEnvironment() {
        assertThat(floors.below(SampleRun.DURABLE, 1))
                .extracting(Floors.Floor::label)
                .containsExactly("sync of 3 files", "sync of 1 file", "TCP round trip");
        assertThat(floors.below(SampleRun.MEMORY_TCP, 1))
                .extracting(Floors.Floor::label)
                .containsExactly("TCP round trip");
        assertThat(floors.below(SampleRun.MEMORY_JVM, 1)).isEmpty();
    }

    @Test
    void aSyncIsOfNoMoreEntriesThanAreUnderWay() {
        assertThat(floors.below(SampleRun.DURABLE, 255))
                .extracting(Floors.Floor::label)
                .contains("sync of 3 files");
        assertThat(floors.below(SampleRun.DURABLE, 256))
                .extracting(Floors.Floor::label)
                .contains("sync of 3 files, 256 entries");
    }
}
