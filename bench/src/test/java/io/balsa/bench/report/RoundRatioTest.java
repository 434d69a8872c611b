package io.balsa.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RoundRatioTest {
    @Test
    void isTheMedianOfTheRounds() {
        RoundRatio ratio = RoundRatio.of(List.of(200.0, 300.0, 240.0), List.of(100.0, 60.0, 100.0));
        assertThat(ratio).isEqualTo(new RoundRatio(2.4, 2, 5, 3));
        assertThat(ratio.rangeText()).isEqualTo(" (2.00 to 5.00 in 3 rounds)");
    }

    @Test
    void ofTwoItIsBetweenThem() {
        assertThat(RoundRatio.of(List.of(200.0, 300.0), List.of(100.0, 100.0))).isEqualTo(new RoundRatio(2.5, 2, 3, 2));
    }

    @Test
    void ofOneRoundThereIsNoRange() {
        RoundRatio ratio = RoundRatio.of(List.of(200.0), List.of(100.0));
        assertThat(ratio.value()).isEqualTo(2);
        assertThat(ratio.rangeText()).isEmpty();
    }

    /** Nobody knows then which rounds stood side by side. */
    @Test
    void whereARoundFailedItIsThatOfTheMeans() {
        RoundRatio ratio = RoundRatio.of(List.of(200.0, 400.0), List.of(100.0));
        assertThat(ratio.value()).isEqualTo(3);
        assertThat(ratio.rangeText()).isEmpty();
    }
}
