package io.balsa.statemachine.session;

/** How a service instance says it is. */
public enum ServiceStatus {
    UNKNOWN,
    HEALTHY,
    UNHEALTHY
}
