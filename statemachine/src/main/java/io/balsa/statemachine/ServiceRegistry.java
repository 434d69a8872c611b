package io.balsa.statemachine;

import io.balsa.raft.core.Invariant;
import io.balsa.statemachine.proto.DeregisterService;
import io.balsa.statemachine.proto.RegisterService;
import io.balsa.statemachine.proto.RegisteredService;
import io.balsa.statemachine.proto.Result;
import io.balsa.statemachine.proto.ServiceEvent;
import io.balsa.statemachine.proto.ServiceInstance;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Knows the instances of services, each under the session that registered it last, and tells every change as an event. */
final class ServiceRegistry {
    private static final int MAX_PORT = 65535;

    private final StateMachineLimits limits;
    private final Checks checks;
    private final ReplicatedClock clock;
    private final SessionTable sessions;
    private final EventHistory history;
    private final ParkedReads parkedReads;
    private final NavigableMap<ServiceKey, RegisteredService> services = new TreeMap<>();

    /** The bytes of all instances. */
    private long bytes;

    ServiceRegistry(
            StateMachineLimits limits,
            ReplicatedClock clock,
            SessionTable sessions,
            EventHistory history,
            ParkedReads parkedReads) {
        this.limits = limits;
        this.checks = new Checks(limits);
        this.clock = clock;
        this.sessions = sessions;
        this.history = history;
        this.parkedReads = parkedReads;
    }

    /** Registers an instance under the session; it takes over one of another session, whose end then does not matter. */
    Result register(LiveSession session, RegisterService command) throws Refused {
        ServiceInstance instance = command.getInstance();
        check(instance);
        ServiceKey key = keyOf(instance);
        RegisteredService before = services.get(key);
        long beforeBytes = before == null ? 0 : before.getInstance().getSerializedSize();
        if (before == null && services.size() >= limits.maxServices()) {
            throw Refused.limit("there are " + limits.maxServices() + " service instances");
        }
        if (bytes - beforeBytes + instance.getSerializedSize() > limits.maxServiceBytes()) {
            throw Refused.limit("service instances have " + limits.maxServiceBytes() + " bytes");
        }
        if (before != null) {
            unlink(key, before);
        }
        RegisteredService registered = RegisteredService.newBuilder()
                .setInstance(instance)
                .setSession(session.id())
                .setRegistrationIndex(clock.index())
                .build();
        link(key, registered);
        tell(before == null ? ServiceEvent.Kind.REGISTERED : ServiceEvent.Kind.UPDATED, registered);
        return Results.registered(clock.index());
    }

    private void check(ServiceInstance instance) throws Refused {
        checks.name("the service's name", instance.getName());
        checks.name("the instance's id", instance.getId());
        if (instance.getPort() < 0 || instance.getPort() > MAX_PORT) {
            throw Refused.invalid("the port is not from 0 to " + MAX_PORT);
        }
        if (instance.getSerializedSize() > limits.maxInstanceBytes()) {
            throw Refused.invalid("the instance has more than " + limits.maxInstanceBytes() + " bytes");
        }
    }

    Result deregister(DeregisterService command) throws Refused {
        checks.name("the service's name", command.getName());
        checks.name("the instance's id", command.getId());
        ServiceKey key = new ServiceKey(command.getName(), command.getId());
        RegisteredService registered = services.get(key);
        long wanted = command.getRegistrationIndex();
        // A late deregistration must not remove what was registered anew since (case 79).
        if (registered == null || (wanted != 0 && wanted != registered.getRegistrationIndex())) {
            return Results.deregistered(false);
        }
        unlink(key, registered);
        tell(ServiceEvent.Kind.DEREGISTERED, registered);
        return Results.deregistered(true);
    }

    /** Its instances vanish. */
    void sessionEnded(LiveSession session) {
        List<ServiceKey> keys = new ArrayList<>(session.services());
        keys.sort(null);
        for (ServiceKey key : keys) {
            RegisteredService registered = services.get(key);
            services.remove(key);
            bytes -= registered.getInstance().getSerializedSize();
            tell(ServiceEvent.Kind.EXPIRED, registered);
        }
    }

    private void link(ServiceKey key, RegisteredService registered) {
        LiveSession session = sessions.find(registered.getSession());
        Invariant.check(session != null, "a service is registered under an open session");
        services.put(key, registered);
        session.add(key);
        bytes += registered.getInstance().getSerializedSize();
    }

    private void unlink(ServiceKey key, RegisteredService registered) {
        LiveSession session = sessions.find(registered.getSession());
        Invariant.check(session != null, "a service is registered under an open session");
        services.remove(key);
        session.remove(key);
        bytes -= registered.getInstance().getSerializedSize();
    }

    private void tell(ServiceEvent.Kind kind, RegisteredService registered) {
        history.add(ServiceEvent.newBuilder()
                .setIndex(clock.index())
                .setKind(kind)
                .setService(registered)
                .build());
        parkedReads.wake(new ParkedReads.ServiceTopic(registered.getInstance().getName()));
        parkedReads.wake(ParkedReads.ServiceTopic.ALL);
    }

    /** Adds an instance, out of a snapshot. */
    void restore(RegisteredService registered) {
        ServiceKey key = keyOf(registered.getInstance());
        Invariant.check(!services.containsKey(key), "a service instance is there once");
        link(key, registered);
    }

    /** All instances, by name and id; a view. */
    Collection<RegisteredService> all() {
        return services.values();
    }

    /** The instances of one service, by id; a view. */
    Collection<RegisteredService> of(String name) {
        // "\0" makes the very next string after the name.
        return services.subMap(new ServiceKey(name, ""), new ServiceKey(name + "\0", ""))
                .values();
    }

    int size() {
        return services.size();
    }

    private static ServiceKey keyOf(ServiceInstance instance) {
        return new ServiceKey(instance.getName(), instance.getId());
    }
}
