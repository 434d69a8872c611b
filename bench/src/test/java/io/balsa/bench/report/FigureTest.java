package io.balsa.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FigureTest {
    @Test
    void hasThreeDigits() {
        assertThat(Figure.number(1_234_567.8)).isEqualTo("1,234,568");
        assertThat(Figure.number(99.94)).isEqualTo("99.9");
        assertThat(Figure.number(1.234)).isEqualTo("1.23");
        assertThat(Figure.number(0.01234)).isEqualTo("0.0123");
        assertThat(Figure.number(0)).isEqualTo("0");
        assertThat(Figure.number(Double.NaN)).isEqualTo("–");
    }

    @Test
    void isBriefWithLetters() {
        assertThat(Figure.brief(7)).isEqualTo("7.0");
        assertThat(Figure.brief(43_123)).isEqualTo("43k");
        assertThat(Figure.brief(999_700)).isEqualTo("1.0M");
        assertThat(Figure.brief(1_070_000)).isEqualTo("1.1M");
    }

    @Test
    void hasItsUnitAsPeopleWriteIt() {
        assertThat(new Figure(12.34, "us/op").text()).isEqualTo("12.3 µs/op");
        assertThat(new Figure(12.34, "ops/s").text()).isEqualTo("12.3 ops/s");
    }
}
