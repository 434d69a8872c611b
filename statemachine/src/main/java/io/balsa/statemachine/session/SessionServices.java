package io.balsa.statemachine.session;

import io.balsa.raft.port.ReadConsistency;
import io.balsa.statemachine.proto.DeregisterService;
import io.balsa.statemachine.proto.ListServices;
import io.balsa.statemachine.proto.RegisterService;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** The service registry as a {@link ClientSession} sees it. */
final class SessionServices implements Services {
    private static final long WHOEVER = 0;

    private final ClientSession session;

    SessionServices(ClientSession session) {
        this.session = session;
    }

    @Override
    public long register(ServiceInstance instance) {
        return registered(instance, session.commands().call(registerOperation(instance)));
    }

    @Override
    public CompletableFuture<Long> registerAsync(ServiceInstance instance) {
        return session.deliver(session.commands()
                .submit(registerOperation(instance))
                .thenApply(outcome -> registered(instance, outcome)));
    }

    private static Operation registerOperation(ServiceInstance instance) {
        RegisterService command =
                RegisterService.newBuilder().setInstance(Wire.toProto(instance)).build();
        return new Operation(whatRegister(instance), builder -> builder.setRegisterService(command));
    }

    private static Long registered(ServiceInstance instance, Outcome outcome) {
        if (!outcome.result().hasServiceRegistered()) {
            throw Wire.unexpected(whatRegister(instance), outcome.result().getOutcomeCase());
        }
        return outcome.result().getServiceRegistered().getRegistrationIndex();
    }

    private static String whatRegister(ServiceInstance instance) {
        return "register service '" + instance.name() + "/" + instance.id() + "'";
    }

    @Override
    public ServiceHealth health(ServiceInstance instance, Duration interval) {
        DampedHealth health = new DampedHealth(
                session.runtime(),
                changed -> session.commands().submit(registerOperation(changed)),
                session::removeDependent,
                instance,
                interval);
        session.addDependent(health);
        return health;
    }

    @Override
    public boolean deregister(String name, String id) {
        return deregister(name, id, WHOEVER);
    }

    @Override
    public CompletableFuture<Boolean> deregisterAsync(String name, String id) {
        return deregisterAsync(name, id, WHOEVER);
    }

    @Override
    public boolean deregister(String name, String id, long registrationIndex) {
        return deregistered(name, id, session.commands().call(deregisterOperation(name, id, registrationIndex)));
    }

    @Override
    public CompletableFuture<Boolean> deregisterAsync(String name, String id, long registrationIndex) {
        return session.deliver(session.commands()
                .submit(deregisterOperation(name, id, registrationIndex))
                .thenApply(outcome -> deregistered(name, id, outcome)));
    }

    private static Operation deregisterOperation(String name, String id, long registrationIndex) {
        DeregisterService command = DeregisterService.newBuilder()
                .setName(name)
                .setId(id)
                .setRegistrationIndex(registrationIndex)
                .build();
        return new Operation(whatDeregister(name, id), builder -> builder.setDeregisterService(command));
    }

    private static Boolean deregistered(String name, String id, Outcome outcome) {
        if (!outcome.result().hasServiceDeregistered()) {
            throw Wire.unexpected(whatDeregister(name, id), outcome.result().getOutcomeCase());
        }
        return outcome.result().getServiceDeregistered().getExisted();
    }

    private static String whatDeregister(String name, String id) {
        return "deregister service '" + name + "/" + id + "'";
    }

    @Override
    public ServiceList discover(String name) {
        return discover(name, ReadConsistency.LINEARIZABLE);
    }

    @Override
    public ServiceList discover(String name, ReadConsistency consistency) {
        return Failures.await(
                list(session, name, consistency), session.options().requestTimeout(), whatDiscover(name));
    }

    @Override
    public CompletableFuture<ServiceList> discoverAsync(String name, ReadConsistency consistency) {
        return session.deliver(list(session, name, consistency));
    }

    /** Lists the instances of a service. */
    static CompletableFuture<ServiceList> list(ClientSession session, String name, ReadConsistency consistency) {
        return session.read(
                        consistency,
                        query -> query.setListServices(ListServices.newBuilder().setName(name)),
                        whatDiscover(name))
                .thenApply(answer -> {
                    if (!answer.hasServiceList()) {
                        throw Wire.unexpected(whatDiscover(name), answer.getAnswerCase());
                    }
                    return Wire.serviceList(answer.getServiceList());
                });
    }

    private static String whatDiscover(String name) {
        return name.isEmpty() ? "list all services" : "list service '" + name + "'";
    }

    @Override
    public ServiceWatch watch(String name, ServiceListener listener) {
        return ServiceWatchLoop.start(session, name, ServiceWatchLoop.FROM_A_LIST, listener);
    }

    @Override
    public ServiceWatch watchFrom(String name, long afterIndex, ServiceListener listener) {
        return ServiceWatchLoop.start(session, name, afterIndex, listener);
    }
}
