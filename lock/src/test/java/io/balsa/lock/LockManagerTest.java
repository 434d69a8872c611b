package io.balsa.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LockManagerTest {
    private final LockManager manager = new LockManager();
    private final ManualLeaseTimer time = new ManualLeaseTimer();
    private final DistributedLock lock =
            new LeasingLock(new NativeBackend(new FakeSession(time)), LockOptions.defaults(), time);

    @Test
    void knowsImplementationsByName() {
        manager.register("native", lock);
        assertThat(manager.get("native")).isSameAs(lock);
        assertThat(manager.find("redis")).isEmpty();
        assertThat(manager.names()).containsExactly("native");
        manager.unregister("native");
        assertThat(manager.find("native")).isEmpty();
    }

    @Test
    void saysWhatIsThereWhenANameIsNot() {
        manager.register("native", lock);
        assertThatThrownBy(() -> manager.get("redis"))
                .hasMessageContaining("'redis'")
                .hasMessageContaining("[native]");
        assertThatThrownBy(() -> manager.register("native", lock)).hasMessageContaining("'native'");
    }
}
