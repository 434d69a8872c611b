package io.balsa.statemachine;

import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.statemachine.proto.Answer;
import io.balsa.statemachine.proto.AwaitBarrier;
import io.balsa.statemachine.proto.AwaitCounter;
import io.balsa.statemachine.proto.AwaitLock;
import io.balsa.statemachine.proto.AwaitedBarrier;
import io.balsa.statemachine.proto.BarrierState;
import io.balsa.statemachine.proto.Compacted;
import io.balsa.statemachine.proto.CounterState;
import io.balsa.statemachine.proto.GetBarrier;
import io.balsa.statemachine.proto.GetCounter;
import io.balsa.statemachine.proto.GetKey;
import io.balsa.statemachine.proto.GetSession;
import io.balsa.statemachine.proto.KeyState;
import io.balsa.statemachine.proto.ListServices;
import io.balsa.statemachine.proto.Query;
import io.balsa.statemachine.proto.RegisteredService;
import io.balsa.statemachine.proto.ServiceEvent;
import io.balsa.statemachine.proto.ServiceEvents;
import io.balsa.statemachine.proto.ServiceList;
import io.balsa.statemachine.proto.SessionState;
import io.balsa.statemachine.proto.WatchServices;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Answers queries from the current state, and says what those that can't be answered yet wait for. */
final class QueryExecutor {
    private final StateMachineLimits limits;
    private final Checks checks;
    private final CoordinationState state;
    private final LockQueries locks;

    QueryExecutor(StateMachineLimits limits, CoordinationState state) {
        this.limits = limits;
        this.checks = new Checks(limits);
        this.state = state;
        this.locks = new LockQueries(limits, state);
    }

    static Answer refused(Refused refused) {
        return Answer.newBuilder().setError(refused.error()).build();
    }

    static Query parse(byte[] bytes) throws Refused {
        Query query;
        try {
            query = Query.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw Refused.invalid("not a query");
        }
        if (query.getVersion() != FormatVersions.QUERY) {
            throw Refused.invalid("the query has format " + Integer.toUnsignedString(query.getVersion())
                    + ", this server knows " + FormatVersions.QUERY);
        }
        return query;
    }

    /** The answer, or empty when the query must wait; a query that is wrong is answered as well. */
    Optional<Answer> answer(Query query) {
        try {
            return switch (query.getQueryCase()) {
                case GET_LOCK -> Optional.of(locks.get(query.getGetLock()));
                case AWAIT_LOCK -> locks.await(query.getAwaitLock());
                case LIST_LOCKS -> Optional.of(locks.list(query.getListLocks()));
                case WATCH_LOCK -> locks.watch(query.getWatchLock());
                case LIST_SERVICES -> Optional.of(services(query.getListServices()));
                case WATCH_SERVICES -> watch(query.getWatchServices());
                case GET_KEY -> Optional.of(key(query.getGetKey()));
                case GET_SESSION -> Optional.of(session(query.getGetSession()));
                case GET_COUNTER -> Optional.of(counter(query.getGetCounter()));
                case AWAIT_COUNTER -> awaitCounter(query.getAwaitCounter());
                case GET_BARRIER -> Optional.of(barrier(query.getGetBarrier()));
                case AWAIT_BARRIER -> awaitBarrier(query.getAwaitBarrier());
                case QUERY_NOT_SET -> throw Refused.invalid("an empty query");
            };
        } catch (Refused refused) {
            return Optional.of(refused(refused));
        }
    }

    /** What a query waits for that has no answer yet. */
    ParkedReads.Topic topicOf(Query query) {
        return switch (query.getQueryCase()) {
            case AWAIT_LOCK -> {
                AwaitLock await = query.getAwaitLock();
                yield new ParkedReads.LockTopic(await.getName(), await.getSession(), await.getHolder());
            }
            case WATCH_LOCK -> new ParkedReads.HoldersTopic(query.getWatchLock().getName());
            case WATCH_SERVICES ->
                new ParkedReads.ServiceTopic(query.getWatchServices().getName());
            case AWAIT_COUNTER -> {
                AwaitCounter await = query.getAwaitCounter();
                yield new ParkedReads.CounterTopic(new CounterKey(await.getKind(), await.getName()), await.getAtMost());
            }
            case AWAIT_BARRIER -> {
                AwaitBarrier await = query.getAwaitBarrier();
                yield new ParkedReads.BarrierTopic(await.getName(), await.getSession(), await.getHolder());
            }
            default -> throw new IllegalArgumentException(query.getQueryCase() + " is answered at once");
        };
    }

    /** The query in the form in which it waits: a watch that waits has seen everything up to now. */
    Query whileParked(Query query) {
        return after(state.clock().index(), query);
    }

    /**
     * The query in the form in which it is asked again after an entry woke it. There was nothing for it in the entries
     * before, or it would not wait any more; so it does not matter whether the history has dropped events of other services
     * meanwhile.
     */
    Query whenWoken(Query parked) {
        return after(state.clock().index() - 1, parked);
    }

    private static Query after(long seenIndex, Query query) {
        if (!query.hasWatchServices() || query.getWatchServices().getAfterIndex() >= seenIndex) {
            return query;
        }
        return query.toBuilder()
                .setWatchServices(query.getWatchServices().toBuilder().setAfterIndex(seenIndex))
                .build();
    }

    private Answer services(ListServices query) throws Refused {
        checks.nameOrEmpty("the service's name", query.getName());
        Collection<RegisteredService> services = query.getName().isEmpty()
                ? state.services().all()
                : state.services().of(query.getName());
        ServiceList.Builder answer =
                ServiceList.newBuilder().setIndex(state.clock().index());
        long bytes = 0;
        for (RegisteredService service : services) {
            bytes += service.getSerializedSize();
            if (bytes > limits.maxAnswerBytes()) {
                throw Refused.limit("the list has more than " + limits.maxAnswerBytes() + " bytes");
            }
            answer.addServices(service);
        }
        return Answer.newBuilder().setServiceList(answer).build();
    }

    private Optional<Answer> watch(WatchServices query) throws Refused {
        checks.nameOrEmpty("the service's name", query.getName());
        if (query.getAfterIndex() < 0 || query.getMaxEvents() < 0) {
            throw Refused.invalid("after_index or max_events is too large");
        }
        EventHistory history = state.history();
        if (!history.isComplete(query.getAfterIndex())) {
            return Optional.of(compacted(history.droppedThrough() + 1));
        }
        int maxEvents = query.getMaxEvents() == 0 ? Integer.MAX_VALUE : query.getMaxEvents();
        ServiceEvents.Builder answer =
                ServiceEvents.newBuilder().setThroughIndex(state.clock().index());
        long bytes = 0;
        for (List<ServiceEvent> group : history.after(query.getAfterIndex())) {
            long index = group.get(0).getIndex();
            List<ServiceEvent> events = matching(group, query.getName());
            bytes += sizeOf(events);
            boolean first = answer.getEventsCount() == 0;
            if (first && bytes > limits.maxAnswerBytes()) {
                // Never to be told by events: the client must list.
                return Optional.of(compacted(index + 1));
            }
            if (!first && (answer.getEventsCount() + events.size() > maxEvents || bytes > limits.maxAnswerBytes())) {
                answer.setThroughIndex(index - 1);
                break;
            }
            answer.addAllEvents(events);
        }
        return answer.getEventsCount() == 0
                ? Optional.empty()
                : Optional.of(Answer.newBuilder().setServiceEvents(answer).build());
    }

    private static List<ServiceEvent> matching(List<ServiceEvent> events, String name) {
        return name.isEmpty()
                ? events
                : events.stream()
                        .filter(event ->
                                event.getService().getInstance().getName().equals(name))
                        .toList();
    }

    private static long sizeOf(List<ServiceEvent> events) {
        long bytes = 0;
        for (ServiceEvent event : events) {
            bytes += event.getSerializedSize();
        }
        return bytes;
    }

    private static Answer compacted(long firstAvailableIndex) {
        return Answer.newBuilder()
                .setCompacted(Compacted.newBuilder().setFirstAvailableIndex(firstAvailableIndex))
                .build();
    }

    private Answer key(GetKey query) throws Refused {
        checks.name("the key", query.getKey());
        KeyState.Builder answer = KeyState.newBuilder();
        KeyValue value = state.keyValues().find(query.getKey());
        if (value != null) {
            answer.setExists(true)
                    .setValue(value.value())
                    .setRevision(value.revision())
                    .setCreateRevision(value.createRevision());
        }
        return Answer.newBuilder().setKeyState(answer).build();
    }

    private Answer counter(GetCounter query) throws Refused {
        return answer(state.counters().find(state.counters().checked(query.getKind(), query.getName())));
    }

    private Optional<Answer> awaitCounter(AwaitCounter query) throws Refused {
        Counter counter = state.counters().find(state.counters().checked(query.getKind(), query.getName()));
        return counter.value() > query.getAtMost() ? Optional.empty() : Optional.of(answer(counter));
    }

    private static Answer answer(Counter counter) {
        return Answer.newBuilder()
                .setCounterState(
                        CounterState.newBuilder().setValue(counter.value()).setChangedIndex(counter.changedIndex()))
                .build();
    }

    private Answer barrier(GetBarrier query) throws Refused {
        checks.name("the barrier's name", query.getName());
        BarrierState.Builder answer = BarrierState.newBuilder();
        Barrier barrier = state.barriers().find(query.getName());
        if (barrier != null) {
            answer.setParties(barrier.parties()).setWaiting(barrier.waitingCount());
        }
        return Answer.newBuilder().setBarrierState(answer).build();
    }

    private Optional<Answer> awaitBarrier(AwaitBarrier query) throws Refused {
        checks.name("the barrier's name", query.getName());
        Barrier barrier = state.barriers().find(query.getName());
        Arrival arrival = barrier == null ? null : barrier.find(query.getSession(), query.getHolder());
        if (arrival != null && !arrival.hasPassed()) {
            return Optional.empty();
        }
        AwaitedBarrier.Builder answer = AwaitedBarrier.newBuilder();
        if (arrival != null) {
            answer.setPassed(true).setGeneration(arrival.generation());
        }
        return Optional.of(Answer.newBuilder().setAwaitedBarrier(answer).build());
    }

    private Answer session(GetSession query) {
        SessionState.Builder answer = SessionState.newBuilder();
        LiveSession session = state.sessions().find(query.getSession());
        if (session != null) {
            answer.setOpen(true)
                    .setTtlMillis(session.ttlMillis())
                    .setDeadlineMillis(session.deadlineMillis())
                    .setClientName(session.clientName());
        }
        return Answer.newBuilder().setSessionState(answer).build();
    }
}
