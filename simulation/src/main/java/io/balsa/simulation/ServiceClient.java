package io.balsa.simulation;

import io.balsa.raft.port.ReadConsistency;
import io.balsa.statemachine.session.ServiceInstance;
import io.balsa.statemachine.session.Services;
import io.balsa.statemachine.session.Session;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/** Registers an instance of a service, changes it, takes it out again, and looks for others. */
final class ServiceClient {
    private static final int LONGEST_PAUSE_MILLIS = 2_000;
    private static final String SERVICE = "web";

    private final CoordinationClient client;
    private final ClientProcess process;
    private final Services services;
    private final SplittableRandom random;
    private final String id;
    private int version;

    ServiceClient(CoordinationClient client, ClientProcess process, Session session) {
        this.client = client;
        this.process = process;
        this.services = session.services();
        this.random = process.random();
        this.id = "i" + random.nextInt(3);
    }

    void begin() {
        process.after(Duration.ofMillis(random.nextInt(LONGEST_PAUSE_MILLIS)), this::next);
    }

    private void next() {
        if (!client.goesOn()) {
            return;
        }
        int choice = random.nextInt(10);
        if (choice < 5) {
            ServiceInstance instance = ServiceInstance.of(SERVICE, id, process.name(), 80)
                    .withMetadata(Map.of("version", String.valueOf(++version)));
            settle("register " + id, services.registerAsync(instance));
        } else if (choice < 7) {
            settle("deregister " + id, services.deregisterAsync(SERVICE, id));
        } else {
            settle(
                    "discover",
                    services.discoverAsync(
                            SERVICE, random.nextBoolean() ? ReadConsistency.LINEARIZABLE : ReadConsistency.LOCAL));
        }
    }

    private void settle(String what, CompletableFuture<?> answer) {
        CompletableFuture<?> unused = answer.whenComplete((outcome, failure) -> {
            if (failure == null) {
                client.succeeded(what, outcome.toString());
            } else {
                client.failed(what, failure);
            }
            begin();
        });
    }
}
