package io.balsa.simulation;

import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.raft.client.RequestException;
import io.balsa.raft.core.LogEntry;
import io.balsa.statemachine.CoordinationStateMachine;
import io.balsa.statemachine.proto.Answer;
import io.balsa.statemachine.proto.ListServices;
import io.balsa.statemachine.proto.Query;
import io.balsa.statemachine.session.RegisteredService;
import io.balsa.statemachine.session.ServiceEvent;
import io.balsa.statemachine.session.ServiceList;
import io.balsa.statemachine.session.ServiceListener;
import io.balsa.statemachine.session.Session;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Holds every watch of services to the log: what it tells up to an index is what a state machine of one's own, fed with the
 * committed entries, has at that index, no matter how often the watch moved from server to server.
 */
final class ServiceWatchers {
    /** In the version of the state machine's queries that this knows. */
    static final int QUERY_VERSION = 1;

    private static final byte[] LIST_SERVICES = Query.newBuilder()
            .setVersion(QUERY_VERSION)
            .setListServices(ListServices.newBuilder())
            .build()
            .toByteArray();

    private final WorkloadContext context;
    private final CoordinationStateMachine reference;
    /** The registry after each entry that changed it: instance to the entry that registered it. */
    private final TreeMap<Long, Map<String, Long>> projection = new TreeMap<>();

    private long applied;
    private long told;

    /** @param reference has applied all that was committed, of the entry that is being applied as well */
    ServiceWatchers(WorkloadContext context, CoordinationStateMachine reference) {
        this.context = context;
        this.reference = reference;
        projection.put(0L, Map.of());
    }

    /** How many events were told. */
    long told() {
        return told;
    }

    /** A committed entry, in order. */
    void applied(LogEntry entry) {
        applied = entry.index();
        Map<String, Long> now = registry();
        if (!now.equals(projection.lastEntry().getValue())) {
            projection.put(entry.index(), now);
        }
    }

    private Map<String, Long> registry() {
        CompletableFuture<byte[]> reply = new CompletableFuture<>();
        reference.read(LIST_SERVICES, reply);
        Map<String, Long> registry = new TreeMap<>();
        try {
            Answer.parseFrom(reply.join())
                    .getServiceList()
                    .getServicesList()
                    .forEach(service -> registry.put(
                            service.getInstance().getName() + "/"
                                    + service.getInstance().getId(),
                            service.getRegistrationIndex()));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the list of services can't be read", e);
        }
        return registry;
    }

    void watch(ClientProcess process, Session session) {
        session.services().watch("", new Listener(process));
    }

    /** One watch, and what it told so far. */
    private final class Listener implements ServiceListener {
        private final ClientProcess process;
        private final Map<String, Long> view = new TreeMap<>();
        private long index;
        private boolean listed;
        private long listedIndex;
        /** What entry {@code index} did, as far as it is told. */
        private final Set<String> toldOfIndex = new HashSet<>();

        Listener(ClientProcess process) {
            this.process = process;
        }

        @Override
        public void onList(ServiceList list) {
            process.note(() -> "watch begins at " + list.index());
            context.require(
                    list.index() <= applied && (!listed || list.index() >= index),
                    "watch-stream",
                    () -> "%s is listed index %d after %d".formatted(process.name(), list.index(), index));
            listed = true;
            index = list.index();
            listedIndex = list.index();
            view.clear();
            list.services().forEach(service -> view.put(nameOf(service), service.registrationIndex()));
            compare(index);
        }

        @Override
        public void onEvent(ServiceEvent event) {
            told++;
            process.witness(event.index());
            process.note(() -> "watch tells " + event.kind() + " " + nameOf(event.service()) + " at " + event.index());
            context.require(
                    event.index() >= index && event.index() <= applied,
                    "watch-stream",
                    () -> "%s is told an event of entry %d after %d".formatted(process.name(), event.index(), index));
            if (event.index() > index) {
                // All of the entries before are told, so the view must be that of the moment before this one.
                compare(event.index() - 1);
                index = event.index();
                toldOfIndex.clear();
            }
            context.require(
                    event.index() > listedIndex && toldOfIndex.add(event.kind() + " " + nameOf(event.service())),
                    "watch-stream",
                    () -> "%s is told again that entry %d did %s %s"
                            .formatted(process.name(), event.index(), event.kind(), nameOf(event.service())));
            switch (event.kind()) {
                case REGISTERED, UPDATED ->
                    view.put(nameOf(event.service()), event.service().registrationIndex());
                case DEREGISTERED, EXPIRED -> view.remove(nameOf(event.service()));
            }
        }

        @Override
        public void onEnd(RequestException cause) {
            process.note(() -> "watch ends: " + cause.getMessage());
        }

        private void compare(long at) {
            Map<String, Long> expected = projection.floorEntry(at).getValue();
            context.require(
                    view.equals(expected), "watch-stream", () -> "%s was told %s up to entry %d, but the log says %s"
                            .formatted(process.name(), view, at, expected));
        }

        private String nameOf(RegisteredService service) {
            return service.instance().name() + "/" + service.instance().id();
        }
    }
}
