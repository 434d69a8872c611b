package io.balsa.statemachine.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LockIdTest {
    @ParameterizedTest
    @ValueSource(strings = {"orders", "a@b", "@", "with-dash/and space", "锁"})
    void readsWhatItWrote(String name) {
        LockId id = new LockId(name, 17, 3, 42);
        assertThat(LockId.parse(id.toString())).isEqualTo(id);
    }

    @Test
    void looksAsDocumented() {
        assertThat(new LockId("orders", 17, 1, 42)).hasToString("17-1-42@orders");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "orders", "17-1@orders", "17-1-42@", "17-1-x@orders", "17-1--42@orders", "1-2-3-4@orders"})
    void saysHowAnIdLooksWhenItIsNone(String text) {
        assertThatThrownBy(() -> LockId.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("17-1-42@orders");
    }

    @Test
    void aGrantIsBelievedInALittleShorterThanItsTtl() {
        LockGrant grant = new LockGrant(new LockId("orders", 1, 1, 1), Duration.ofSeconds(10), 500);
        assertThat(grant.remaining(500)).isEqualTo(Duration.ofMillis(9_900));
        assertThat(grant.remaining(500 + Duration.ofMillis(9_900).toNanos())).isZero();
        assertThat(grant.remaining(500 + Duration.ofSeconds(99).toNanos())).isZero();
    }
}
