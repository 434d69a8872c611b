package io.balsa.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationFormatTest {
    @ParameterizedTest
    @CsvSource({
        "100ms, PT0.1S",
        "10s, PT10S",
        "1m30s, PT1M30S",
        "2h, PT2H",
        "1h1ms, PT1H0.001S",
        "1h2m3s4ms, PT1H2M3.004S",
        "90s, PT1M30S",
        "0s, PT0S"
    })
    void readsWhatPeopleWrite(String text, Duration expected) {
        assertThat(DurationFormat.parse(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"100ms", "10s", "1m30s", "2h", "1h2m3s4ms", "0s"})
    void writesWhatItReads(String text) {
        assertThat(DurationFormat.format(DurationFormat.parse(text))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10     | '10' has no unit; write 10ms, 10s or 10m",
                "''     | '' is not a duration like 100ms, 10s or 1m30s",
                "10 s   | '10 s' is not a duration like 100ms, 10s or 1m30s",
                "-1s    | '-1s' is not a duration like 100ms, 10s or 1m30s",
                "1.5s   | '1.5s' is not a duration like 100ms, 10s or 1m30s",
                "1s1m   | '1s1m' is not a duration like 100ms, 10s or 1m30s",
                "1S     | '1S' is not a duration like 100ms, 10s or 1m30s",
                "9999999999s | '9999999999s' is not a duration like 100ms, 10s or 1m30s",
            })
    void refusesWhatIsUnclear(String text, String message) {
        assertThatThrownBy(() -> DurationFormat.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource({"0, 0 ms", "999, 999 ms", "1000, 1 s", "79087, 79 s", "119999, 119 s", "120000, 2 min", "7200000, 2 h"})
    void roundsForPeople(long millis, String text) {
        assertThat(DurationFormat.round(Duration.ofMillis(millis))).isEqualTo(text);
    }
}
