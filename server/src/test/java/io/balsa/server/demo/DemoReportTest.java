package io.balsa.server.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DemoReportTest {
    private final DemoReport report = new DemoReport();

    @Test
    void holdsWhileEveryCheckDoes() {
        report.figure("failover", "0.80 s");
        report.check("lost updates", "0", true);

        assertThat(report.holds()).isTrue();
        assertThat(report.lines(80)).containsExactly("  failover        0.80 s", "  lost updates         0  ok");
    }

    @Test
    void failsWithOneCheck() {
        report.check("lost updates", "3", false);
        report.check("tokens strictly growing", "yes", true);

        assertThat(report.holds()).isFalse();
        assertThat(report.lines(80).get(0)).endsWith("3  FAILED");
    }

    @Test
    void showsANoteBelowItsRow() {
        report.check("changes heard", "7", false);
        report.note("the watcher missed change 12");

        assertThat(report.lines(80)).last().isEqualTo("      the watcher missed change 12");
    }
}
