package io.balsa.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessorTimeTest {
    @Test
    void tellsWhichPartOthersTook() {
        ProcessorTime before = ProcessorTime.of("cpu  100 0 50 800 10 0 10 30 7 0");
        ProcessorTime after = ProcessorTime.of("cpu  150 0 80 900 10 0 10 50 7 0");
        assertThat(before).isEqualTo(new ProcessorTime(1000, 30));
        assertThat(after.stolenSince(before)).hasValue(0.1);
        assertThat(after.stolenSince(after)).isEmpty();
    }

    @Test
    void knowsNothingWhereTheSystemDoesNotTell() {
        ProcessorTime unknown = ProcessorTime.of("");
        assertThat(ProcessorTime.of("cpu 1 2 3")).isEqualTo(unknown);
        assertThat(ProcessorTime.of("cpu  150 0 80 900 10 0 10 50 7 0").stolenSince(unknown))
                .isEmpty();
    }
}
