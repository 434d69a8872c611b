package io.balsa.server;

import io.balsa.lock.DistributedLock;
import io.balsa.lock.LockLease;
import io.balsa.lock.LockOptions;
import io.balsa.lock.NativeLock;
import io.balsa.statemachine.node.CoordinationNode;
import io.balsa.statemachine.session.Session;
import java.nio.file.Path;
import java.time.Duration;

/** README's example; it only has to compile. */
final class EmbeddingExample {
    /** What the lock protects. */
    interface Store {
        /** Refuses a token that is older than one it has seen. */
        void write(String order, long token);
    }

    private EmbeddingExample() {}

    static void embed(Store store, String order, Thread worker) {
        // README begins here.
        try (CoordinationNode node = CoordinationNode.builder("n1")
                        .member("n1", "10.0.0.1:7101")
                        .member("n2", "10.0.0.2:7101")
                        .member("n3", "10.0.0.3:7101")
                        .dataDirectory(Path.of("data/n1"))
                        .start();
                Session session = node.openSession()) {
            DistributedLock locks =
                    NativeLock.on(session, LockOptions.defaults().withAutoRenew(true));
            try (LockLease lease = locks.acquire("orders", Duration.ofSeconds(10), Duration.ofSeconds(30))) {
                lease.onLost(worker::interrupt);
                store.write(order, lease.token()); // the store refuses a token older than one it has seen
            }
        }
        // README ends here.
    }
}
