package io.balsa.statemachine.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The damping of health alone, under a clock that only the test moves. */
class DampedHealthTest {
    private static final ServiceInstance HEALTHY = ServiceInstance.of("web", "a", "host", 80);

    private final ManualTimer timer = new ManualTimer();
    private final List<ServiceStatus> written = new ArrayList<>();
    private final List<DampedHealth> closed = new ArrayList<>();
    private CompletableFuture<Long> outcome = CompletableFuture.completedFuture(1L);

    private final DampedHealth health = new DampedHealth(
            timer,
            instance -> {
                written.add(instance.status());
                return outcome;
            },
            closed::add,
            HEALTHY,
            Duration.ofSeconds(10));

    @Test
    @Tag("case-80")
    void flappingIsWrittenOnceInAnIntervalAndEndsWithTheLatest() {
        for (int i = 0; i < 60_000; i++) {
            health.report(i % 2 == 0 ? ServiceStatus.UNHEALTHY : ServiceStatus.HEALTHY);
            timer.advance(1, TimeUnit.MILLISECONDS);
        }
        health.report(ServiceStatus.UNHEALTHY);
        timer.advance(10, TimeUnit.SECONDS);

        assertThat(written).hasSizeLessThanOrEqualTo(7).endsWith(ServiceStatus.UNHEALTHY);
    }

    @Test
    void aChangeAfterQuietTimesIsWrittenAtOnce() {
        health.report(ServiceStatus.UNHEALTHY);
        assertThat(written).containsExactly(ServiceStatus.UNHEALTHY);
        timer.advance(10, TimeUnit.SECONDS);
        health.report(ServiceStatus.HEALTHY);
        assertThat(written).containsExactly(ServiceStatus.UNHEALTHY, ServiceStatus.HEALTHY);
    }

    @Test
    void whatDoesNotChangeIsNotWritten() {
        health.report(ServiceStatus.HEALTHY);
        assertThat(written).isEmpty();
        health.report(ServiceStatus.UNHEALTHY);
        health.report(ServiceStatus.HEALTHY);
        health.report(ServiceStatus.UNHEALTHY);
        timer.advance(60, TimeUnit.SECONDS);
        assertThat(written).containsExactly(ServiceStatus.UNHEALTHY);
    }

    @Test
    @Tag("case-80")
    void whatCannotBeWrittenIsTriedAgainOnceInAnInterval() {
        outcome = CompletableFuture.failedFuture(new IllegalStateException("no leader"));
        health.report(ServiceStatus.UNHEALTHY);
        timer.advance(35, TimeUnit.SECONDS);
        assertThat(written).hasSize(4);
        outcome = CompletableFuture.completedFuture(1L);
        timer.advance(60, TimeUnit.SECONDS);
        assertThat(written).hasSize(5);
    }

    @Test
    void whileAWriteIsUnderWayNoOtherBegins() {
        outcome = new CompletableFuture<>();
        health.report(ServiceStatus.UNHEALTHY);
        timer.advance(60, TimeUnit.SECONDS);
        health.report(ServiceStatus.HEALTHY);
        assertThat(written).hasSize(1);
        outcome.complete(1L);
        assertThat(written).containsExactly(ServiceStatus.UNHEALTHY, ServiceStatus.HEALTHY);
    }

    @Test
    void afterTheEndNothingIsWritten() {
        health.report(ServiceStatus.UNHEALTHY);
        health.report(ServiceStatus.HEALTHY);
        health.close();
        health.report(ServiceStatus.HEALTHY);
        timer.advance(60, TimeUnit.SECONDS);
        assertThat(written).hasSize(1);
        assertThat(closed).containsExactly(health);
    }

    @Test
    void anIntervalIsPositive() {
        assertThatThrownBy(() -> new DampedHealth(timer, instance -> outcome, closed::add, HEALTHY, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 1 ms");
    }
}
