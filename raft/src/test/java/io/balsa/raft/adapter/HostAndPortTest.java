package io.balsa.raft.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostAndPortTest {
    @ParameterizedTest
    @ValueSource(strings = {"localhost:7101", "10.0.0.1:0", "[::1]:65535", "node-1.example.org:80"})
    void isWrittenAsItIsRead(String text) {
        assertThat(HostAndPort.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @Tag("case-92")
    @ValueSource(
            strings = {
                "",
                ":",
                "host",
                "host:",
                ":80",
                "host:-1",
                "host:65536",
                "host:999999",
                "host:8o",
                "::1:80",
                "a b:1",
                "[]:80",
                "a\n:1",
                "http://host:80",
                "a,b:1"
            })
    void refusesWhatIsNoAddress(String text) {
        assertThatThrownBy(() -> HostAndPort.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
