package io.balsa.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
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
    void bandwidthIsOfEachFileOrReceiver() {
        assertThat(floors.writtenBytesPerSecond()).isEmpty();
        Floors measured = new Floors(new RunRecord(
                SampleRun.conditions(0, 0),
                SampleRun.products(),
                List.of(bandwidth("writeBandwidth", 500), bandwidth("loopbackBandwidth", 100)),
                List.of()));
        assertThat(measured.writtenBytesPerSecond()).hasValue(262_144 / 500e-6);
        assertThat(measured.sentBytesPerSecond()).hasValue(262_144 / 100e-6);
        assertThat(measured.all())
                .extracting(Floors.Floor::label)
                .containsExactly("256 KiB to each of 3 files, synced", "256 KiB to each of 2 receivers, TCP");
        assertThat(measured.below(SampleRun.DURABLE, 256)).isEmpty();
    }

    private static Measurement bandwidth(String method, double micros) {
        return new Measurement(new Trial(RunRecord.FLOOR, method, Map.of()), new Figure(micros, "us/op"), Map.of());
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
