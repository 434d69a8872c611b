package io.balsa.statemachine.session;

import java.util.Objects;

/**
 * One change of the registry.
 *
 * @param index the log entry that made it
 * @param service as it is after the change; as it was before, when it is gone
 */
public record ServiceEvent(long index, Kind kind, RegisteredService service) {
    public ServiceEvent {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(service, "service");
    }

    /** What happened to an instance. */
    public enum Kind {
        REGISTERED,
        UPDATED,
        DEREGISTERED,
        /** The session that it was registered under ended. */
        EXPIRED
    }
}
