package io.balsa.statemachine.session;

import java.util.List;

/**
 * The instances in the registry at one index of the log.
 *
 * @param services in the order of names and ids
 * @param index the list is the state right after this entry; a watch goes on from here
 */
public record ServiceList(List<RegisteredService> services, long index) {
    public ServiceList {
        services = List.copyOf(services);
    }
}
