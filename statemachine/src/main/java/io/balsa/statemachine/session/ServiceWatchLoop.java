package io.balsa.statemachine.session;

import io.balsa.raft.client.RequestException;
import io.balsa.raft.port.ReadConsistency;
import io.balsa.statemachine.proto.Answer;
import io.balsa.statemachine.proto.WatchServices;

/**
 * Asks for a service's changes after an index, tells them to the listener, and asks for what comes after.
 *
 * <p>Any server can answer each request, because the index says exactly what is wanted: so nothing is missed or told twice
 * when servers fail.
 */
final class ServiceWatchLoop extends WatchLoop implements ServiceWatch {
    /** Instead of an index: begin with a list. */
    static final long FROM_A_LIST = -1;

    private static final int MAX_EVENTS = 1000;

    private final String name;
    private final ServiceListener listener;
    private volatile long index;

    private ServiceWatchLoop(ClientSession session, String name, long index, ServiceListener listener) {
        super(session, name, name.isEmpty() ? "watch all services" : "watch service '" + name + "'");
        this.name = name;
        this.index = index;
        this.listener = listener;
    }

    static ServiceWatch start(ClientSession session, String name, long index, ServiceListener listener) {
        ServiceWatchLoop watch = new ServiceWatchLoop(session, name, index, listener);
        watch.begin();
        return watch;
    }

    @Override
    public long index() {
        return Math.max(0, index);
    }

    @Override
    void askNext() {
        if (index == FROM_A_LIST) {
            list();
        } else {
            follow();
        }
    }

    @Override
    void tellEnd(RequestException cause) {
        listener.onEnd(cause);
    }

    private void list() {
        // Whoever begins to watch after another's registration was acknowledged finds it in the list.
        ask(SessionServices.list(session(), name, ReadConsistency.LINEARIZABLE), list -> {
            listener.onList(list);
            index = list.index();
        });
    }

    private void follow() {
        WatchServices query = WatchServices.newBuilder()
                .setName(name)
                .setAfterIndex(index)
                .setMaxEvents(MAX_EVENTS)
                .build();
        ask(session().await(consistency(), index, builder -> builder.setWatchServices(query), POLL, what()), answer -> {
            polled(answer.isPresent());
            answer.ifPresent(this::tell);
        });
    }

    private void tell(Answer answer) {
        if (answer.hasCompacted()) {
            index = FROM_A_LIST;
            return;
        }
        for (io.balsa.statemachine.proto.ServiceEvent event :
                answer.getServiceEvents().getEventsList()) {
            if (!goesOn()) {
                return;
            }
            // All of the entries before this one's are told. One entry can make several events.
            index = Math.max(index, event.getIndex() - 1);
            listener.onEvent(Wire.serviceEvent(event));
        }
        index = Math.max(index, answer.getServiceEvents().getThroughIndex());
    }
}
