package io.balsa.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.statemachine.proto.Answer;
import io.balsa.statemachine.proto.LockMode;
import io.balsa.statemachine.proto.LockState;
import io.balsa.statemachine.proto.RegisteredService;
import io.balsa.statemachine.proto.ServiceEvent;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What must hold after every entry, whatever clients do. */
class InvariantsTest {
    private static final int STEPS = 1_500;
    private static final int MAX_HISTORY_EVENTS = 20;

    private final StateMachineLimits limits = StateMachineLimits.builder()
            .maxHistoryEvents(MAX_HISTORY_EVENTS)
            .maxWaitersPerLock(4)
            .maxOutstandingResults(3)
            .maxServices(5)
            .maxKeys(3)
            .build();
    private final TestReplica replica = new TestReplica(limits);

    private record Grant(long token, long session, long holder) {}

    private final Map<String, Set<Grant>> grants = new HashMap<>();
    private final Map<String, CompletableFuture<byte[]>> watches = new HashMap<>();
    private final Map<String, Long> seenVersions = new HashMap<>();

    private record Handle(String lock, long session, long holder) {}

    private final Map<Handle, CompletableFuture<byte[]>> awaits = new HashMap<>();

    private final Map<ServiceKey, RegisteredService> mirror = new TreeMap<>();
    private CompletableFuture<byte[]> watch;
    private long watchedIndex;

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("io.balsa.statemachine.Seeds#all")
    @Tag("case-67")
    @Tag("case-69")
    @Tag("case-74")
    @Tag("case-77")
    @Tag("case-81")
    @Tag("case-82")
    void holdAfterEveryEntry(long seed) throws InvalidProtocolBufferException {
        RandomWorkload workload = new RandomWorkload(seed, replica);
        for (int step = 0; step < STEPS; step++) {
            workload.step();
            locksBelongToTheLiving();
            holdersGetOnWithEachOther();
            dataAreCounted();
            theWatchTellsTheHolders();
            resultsAreCounted();
            tokensGrow();
            everyDeadlineIsAhead();
            awaitsAreAnsweredWhenDecided();
            servicesBelongToTheLiving();
            whoIsAtABarrierIsAliveAndNobodyWaitsThereInVain();
            countersThatAreZeroHaveNoState();
            theWatchTellsTheState();
            assertThat(replica.machine().state().history().size()).isLessThanOrEqualTo(MAX_HISTORY_EVENTS);
        }
    }

    private void locksBelongToTheLiving() {
        SessionTable sessions = replica.machine().state().sessions();
        for (NamedLock lock : replica.machine().state().locks().all()) {
            assertThat(lock.isHeld()).isTrue();
            for (Holding holding : lock.holdings()) {
                assertThat(holding.count()).isPositive();
                assertThat(sessions.find(holding.session().id())).isSameAs(holding.session());
                assertThat(holding.session().holdings()).contains(holding);
            }
            assertThat(lock.waiterCount()).isLessThanOrEqualTo(limits.maxWaitersPerLock());
            for (Waiter waiter : lock.waiters()) {
                assertThat(sessions.find(waiter.session().id())).isSameAs(waiter.session());
                assertThat(waiter.session().waiters()).contains(waiter);
                assertThat(lock.find(waiter.session().id(), waiter.holder())).isNull();
            }
        }
    }

    private void holdersGetOnWithEachOther() {
        for (NamedLock lock : replica.machine().state().locks().all()) {
            int permits = lock.holdings().stream().mapToInt(Holding::permits).sum();
            assertThat(lock.permits()).isEqualTo(permits).isLessThanOrEqualTo(lock.capacity());
            assertThat(lock.holdings()).hasSize(lock.holderCount());
            if (lock.mode() == LockMode.LOCK_MODE_EXCLUSIVE) {
                assertThat(lock.holderCount()).isEqualTo(1);
            }
            if (lock.firstWaiter() != null) {
                assertThat(lock.admits(lock.firstWaiter().claim()))
                        .as("nobody waits who could come in")
                        .isFalse();
            }
        }
    }

    private void dataAreCounted() {
        long bytes = 0;
        int holders = 0;
        for (NamedLock lock : replica.machine().state().locks().all()) {
            holders += lock.holderCount();
            bytes += lock.holdings().stream()
                    .mapToInt(holding -> holding.data().length())
                    .sum();
            bytes += lock.waiters().stream()
                    .mapToInt(waiter -> waiter.claim().data().length())
                    .sum();
        }
        assertThat(replica.machine().state().locks().holderCount()).isEqualTo(holders);
        assertThat(replica.machine().state().locks().dataBytes()).isEqualTo(bytes);
    }

    /** Who only ever asks for others than it saw knows the holders at any time. */
    private void theWatchTellsTheHolders() throws InvalidProtocolBufferException {
        for (String name : RandomWorkload.LOCKS) {
            NamedLock lock = replica.machine().state().locks().find(name);
            long version = lock == null ? 0 : lock.version();
            CompletableFuture<byte[]> watching =
                    watches.computeIfAbsent(name, key -> replica.watchesLock(key, seenVersions.getOrDefault(key, 0L)));
            assertThat(watching.isDone()).isEqualTo(version != seenVersions.getOrDefault(name, 0L));
            if (watching.isDone()) {
                LockState told = Answer.parseFrom(watching.join()).getLockState();
                assertThat(told.getHoldersList()).isEqualTo(replica.lock(name).getHoldersList());
                assertThat(told.getVersion()).isEqualTo(version);
                seenVersions.put(name, version);
                watches.put(name, replica.watchesLock(name, version));
            }
        }
    }

    private void resultsAreCounted() {
        SessionTable sessions = replica.machine().state().sessions();
        long bytes = 0;
        for (LiveSession session : sessions.all()) {
            assertThat(session.results().size()).isLessThanOrEqualTo(limits.maxOutstandingResults());
            for (Map.Entry<Long, byte[]> result : session.results().entries()) {
                assertThat(result.getKey()).isGreaterThan(session.results().acknowledged());
                bytes += result.getValue().length;
            }
        }
        assertThat(sessions.resultBudget().usedBytes()).isEqualTo(bytes);
    }

    private void tokensGrow() {
        for (NamedLock lock : replica.machine().state().locks().all()) {
            Set<Grant> present = new HashSet<>();
            lock.holdings()
                    .forEach(holding -> present.add(
                            new Grant(holding.token(), holding.session().id(), holding.holder())));
            Set<Grant> before = grants.getOrDefault(lock.name(), Set.of());
            for (Grant grant : present) {
                if (!before.contains(grant)) {
                    assertThat(grant.token()).isEqualTo(replica.lastIndex());
                    before.forEach(earlier -> assertThat(grant.token()).isGreaterThan(earlier.token()));
                }
            }
            grants.put(lock.name(), present);
        }
    }

    private void everyDeadlineIsAhead() {
        CoordinationState state = replica.machine().state();
        int parts = state.locks().all().stream()
                .mapToInt(lock -> lock.holderCount() + lock.waiterCount())
                .sum();
        assertThat(state.deadlines().size()).isEqualTo(state.sessions().size() + parts);
        assertThat(state.deadlines().earliestMillis()).isGreaterThan(replica.nowMillis());
    }

    /** A handle that waits again in the entry in which it gave up waits on: its await is level-triggered. */
    private void awaitsAreAnsweredWhenDecided() throws InvalidProtocolBufferException {
        Set<Handle> waiting = new HashSet<>();
        for (NamedLock lock : replica.machine().state().locks().all()) {
            lock.waiters()
                    .forEach(waiter ->
                            waiting.add(new Handle(lock.name(), waiter.session().id(), waiter.holder())));
        }
        for (Map.Entry<Handle, CompletableFuture<byte[]>> await : awaits.entrySet()) {
            Handle handle = await.getKey();
            assertThat(await.getValue().isDone()).isEqualTo(!waiting.contains(handle));
            if (await.getValue().isDone()) {
                NamedLock lock = replica.machine().state().locks().find(handle.lock());
                assertThat(Answer.parseFrom(await.getValue().join())
                                .getAwaitedLock()
                                .getGranted())
                        .isEqualTo(lock != null && lock.find(handle.session(), handle.holder()) != null);
            }
        }
        awaits.keySet().retainAll(waiting);
        for (Handle handle : waiting) {
            awaits.computeIfAbsent(
                    handle,
                    key -> replica.awaits(
                            handle.lock(), new TestSession(replica, handle.session()).as(handle.holder())));
        }
    }

    private void servicesBelongToTheLiving() {
        for (RegisteredService service : replica.machine().state().services().all()) {
            LiveSession session = replica.machine().state().sessions().find(service.getSession());
            assertThat(session).isNotNull();
            assertThat(session.services()).contains(keyOf(service));
        }
    }

    private void whoIsAtABarrierIsAliveAndNobodyWaitsThereInVain() {
        BarrierTable barriers = replica.machine().state().barriers();
        int arrivals = 0;
        for (Barrier barrier : barriers.all()) {
            assertThat(barrier.isEmpty()).isFalse();
            if (barrier.waitingCount() == 0) {
                assertThat(barrier.parties()).isZero();
            } else {
                assertThat(barrier.waitingCount()).isLessThan(barrier.parties());
            }
            assertThat(barrier.waiting()).noneMatch(Arrival::hasPassed);
            assertThat(barrier.passed()).allMatch(Arrival::hasPassed);
            for (Arrival arrival : Stream.concat(barrier.waiting().stream(), barrier.passed().stream())
                    .toList()) {
                LiveSession session = replica.machine()
                        .state()
                        .sessions()
                        .find(arrival.session().id());
                assertThat(session).isSameAs(arrival.session());
                assertThat(session.arrivals()).contains(arrival);
                arrivals++;
            }
        }
        assertThat(barriers.arrivalCount()).isEqualTo(arrivals);
        assertThat(replica.machine().state().sessions().all().stream()
                        .mapToInt(session -> session.arrivals().size())
                        .sum())
                .isEqualTo(arrivals);
    }

    private void countersThatAreZeroHaveNoState() {
        for (Map.Entry<CounterKey, Counter> entry :
                replica.machine().state().counters().all()) {
            assertThat(entry.getValue().value()).isNotZero();
            assertThat(entry.getValue().changedIndex()).isBetween(1L, replica.lastIndex());
        }
    }

    /** A client that only lists once and then watches has the state at any time. */
    private void theWatchTellsTheState() throws InvalidProtocolBufferException {
        while (watch != null && watch.isDone()) {
            Answer answer = Answer.parseFrom(watch.join());
            assertThat(answer.hasServiceEvents()).as(answer.toString()).isTrue();
            for (ServiceEvent event : answer.getServiceEvents().getEventsList()) {
                assertThat(event.getIndex()).isGreaterThan(watchedIndex);
                follow(event);
            }
            watchedIndex = answer.getServiceEvents().getThroughIndex();
            watch = replica.watches("", watchedIndex);
        }
        if (watch == null) {
            watchedIndex = replica.services("").getServiceList().getIndex();
            watch = replica.watches("", watchedIndex);
        }
        assertThat(mirror.values())
                .containsExactlyElementsOf(replica.services("").getServiceList().getServicesList());
        assertThat(replica.machine().parkedReadCount()).isEqualTo(awaits.size() + watches.size() + 1);
    }

    private void follow(ServiceEvent event) {
        ServiceKey key = keyOf(event.getService());
        switch (event.getKind()) {
            case REGISTERED -> assertThat(mirror.put(key, event.getService())).isNull();
            case UPDATED -> assertThat(mirror.put(key, event.getService())).isNotNull();
            default -> assertThat(mirror.remove(key)).isEqualTo(event.getService());
        }
    }

    private static ServiceKey keyOf(RegisteredService service) {
        return new ServiceKey(
                service.getInstance().getName(), service.getInstance().getId());
    }
}
