package io.balsa.raft.adapter;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** How long tests with real threads wait for what must come: as long as a busy machine may need. */
final class Patience {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private Patience() {}

    static ConditionFactory await() {
        return Awaitility.await().atMost(PATIENCE);
    }
}
