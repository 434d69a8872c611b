package io.balsa.statemachine.session;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * One running instance of a service, as it wants to be found.
 *
 * @param name the service
 * @param id the instance, unique within the service
 * @param address a host name or address
 * @param port 0 to 65535
 * @param metadata anything else, in the order of its keys
 * @param version of the service's software; may be empty
 * @param status how it says it is
 */
public record ServiceInstance(
        String name,
        String id,
        String address,
        int port,
        Map<String, String> metadata,
        String version,
        ServiceStatus status) {
    static final int MAX_PORT = 65_535;

    public ServiceInstance {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(address, "address");
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException("a port is from 0 to " + MAX_PORT + ", not " + port);
        }
        metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(status, "status");
    }

    /** A healthy instance without metadata and version. */
    public static ServiceInstance of(String name, String id, String address, int port) {
        return new ServiceInstance(name, id, address, port, Map.of(), "", ServiceStatus.HEALTHY);
    }

    /** The same with other metadata. */
    public ServiceInstance withMetadata(Map<String, String> newMetadata) {
        return new ServiceInstance(name, id, address, port, newMetadata, version, status);
    }

    /** The same with another version of its software. */
    public ServiceInstance withVersion(String newVersion) {
        return new ServiceInstance(name, id, address, port, metadata, newVersion, status);
    }

    /** The same with another status. */
    public ServiceInstance withStatus(ServiceStatus newStatus) {
        return new ServiceInstance(name, id, address, port, metadata, version, newStatus);
    }
}
