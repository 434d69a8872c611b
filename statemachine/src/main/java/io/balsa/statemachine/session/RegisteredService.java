package io.balsa.statemachine.session;

import java.util.Objects;

/**
 * An instance that is in the registry.
 *
 * @param session the session with which it vanishes
 * @param registrationIndex the log entry that registered or updated it last
 */
public record RegisteredService(ServiceInstance instance, long session, long registrationIndex) {
    public RegisteredService {
        Objects.requireNonNull(instance, "instance");
    }
}
