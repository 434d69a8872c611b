package io.balsa.statemachine.session;

import io.balsa.raft.port.ReadConsistency;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** The service registry of the cluster, as one session sees it. */
public interface Services {
    /** Names all services, where a name is asked for. */
    String ALL = "";

    /**
     * Registers an instance under this session, with whose end it vanishes; or replaces it, whoever registered it.
     *
     * @return the log index of the registration
     */
    long register(ServiceInstance instance);

    /** Like {@link #register}. */
    CompletableFuture<Long> registerAsync(ServiceInstance instance);

    /**
     * Keeps the health of an instance that is registered up to date, without a log entry for each time that it flaps.
     *
     * @param instance as it was registered, under this session
     * @param interval between two changes that are written, at the least
     */
    ServiceHealth health(ServiceInstance instance, Duration interval);

    /**
     * Removes an instance, whoever registered it.
     *
     * @return whether it was there
     */
    boolean deregister(String name, String id);

    /** Like {@link #deregister(String, String)}. */
    CompletableFuture<Boolean> deregisterAsync(String name, String id);

    /**
     * Removes an instance only if nobody registered it anew since.
     *
     * @param registrationIndex what {@link #register} returned
     * @return whether it was there, just so
     */
    boolean deregister(String name, String id, long registrationIndex);

    /** Like {@link #deregister(String, String, long)}. */
    CompletableFuture<Boolean> deregisterAsync(String name, String id, long registrationIndex);

    /** Lists the instances of a service, or of {@link #ALL}, linearizably. */
    ServiceList discover(String name);

    /** Lists the instances of a service, or of {@link #ALL}. */
    ServiceList discover(String name, ReadConsistency consistency);

    /** Like {@link #discover(String, ReadConsistency)}. */
    CompletableFuture<ServiceList> discoverAsync(String name, ReadConsistency consistency);

    /** Tells a listener the instances of a service, or of {@link #ALL}, and then every change, until it is closed. */
    ServiceWatch watch(String name, ServiceListener listener);

    /**
     * Goes on with an earlier watch, of this session or another: tells every change after an index.
     *
     * @param afterIndex {@link ServiceWatch#index()} of the earlier one
     */
    ServiceWatch watchFrom(String name, long afterIndex, ServiceListener listener);
}
