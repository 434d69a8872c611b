package io.balsa.statemachine;

import static io.balsa.statemachine.TestReplica.answer;
import static io.balsa.statemachine.TestResults.error;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.statemachine.proto.Answer;
import io.balsa.statemachine.proto.Error;
import io.balsa.statemachine.proto.RegisteredService;
import io.balsa.statemachine.proto.ServiceEvent;
import io.balsa.statemachine.proto.ServiceEvents;
import io.balsa.statemachine.proto.ServiceInstance;
import io.balsa.statemachine.proto.ServiceStatus;
import io.balsa.statemachine.proto.WatchServices;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ServiceRegistryTest {
    private final TestReplica replica = new TestReplica();
    private final TestSession alice = replica.open("alice");
    private final TestSession bob = replica.open("bob");

    @Test
    void whatIsRegisteredIsListed() {
        ServiceInstance instance = ServiceInstance.newBuilder()
                .setName("shop")
                .setId("a")
                .setAddress("10.0.0.1")
                .setPort(80)
                .putMetadata("zone", "west")
                .setVersion("1.2")
                .setStatus(ServiceStatus.SERVICE_STATUS_HEALTHY)
                .build();

        long index = alice.registers(instance).getServiceRegistered().getRegistrationIndex();

        RegisteredService registered = replica.services("shop").getServiceList().getServices(0);
        assertThat(registered.getInstance()).isEqualTo(instance);
        assertThat(registered.getSession()).isEqualTo(alice.id());
        assertThat(registered.getRegistrationIndex()).isEqualTo(index).isEqualTo(replica.lastIndex());
        assertThat(replica.services("shop").getServiceList().getIndex()).isEqualTo(replica.lastIndex());
    }

    @Test
    void listsAreOfOneServiceOrOfAllInOrder() {
        alice.registers("shop", "b", "10.0.0.2");
        alice.registers("shop", "a", "10.0.0.1");
        alice.registers("shopping", "a", "10.0.0.3");
        alice.registers("bank", "a", "10.0.0.4");

        assertThat(addresses(replica.services("shop"))).containsExactly("10.0.0.1", "10.0.0.2");
        assertThat(addresses(replica.services(""))).containsExactly("10.0.0.4", "10.0.0.1", "10.0.0.2", "10.0.0.3");
        assertThat(addresses(replica.services("sho"))).isEmpty();
    }

    @Test
    @Tag("case-77")
    void theInstancesOfASessionThatEndsVanish() {
        TestSession mortal = replica.open("mortal", 5_000);
        mortal.registers("shop", "b", "10.0.0.2");
        mortal.registers("shop", "a", "10.0.0.1");
        alice.registers("shop", "c", "10.0.0.3");
        long seen = replica.lastIndex();

        replica.passes(5_000);

        assertThat(addresses(replica.services("shop"))).containsExactly("10.0.0.3");
        List<ServiceEvent> events = events(replica.watches("", seen));
        assertThat(events)
                .extracting(event -> event.getService().getInstance().getId())
                .containsExactly("a", "b");
        assertThat(events).extracting(ServiceEvent::getKind).containsOnly(ServiceEvent.Kind.EXPIRED);
        assertThat(events).extracting(ServiceEvent::getIndex).containsOnly(replica.lastIndex());
    }

    @Test
    @Tag("case-77")
    void theInstancesOfASessionThatEndsVanishAlsoAfterTheLogIsGone() {
        TestSession mortal = replica.open("mortal", 5_000);
        mortal.registers("shop", "a", "10.0.0.1");

        TestReplica restarted = replica.restored();
        assertThat(addresses(restarted.services("shop"))).containsExactly("10.0.0.1");
        restarted.passes(5_000);

        assertThat(addresses(restarted.services("shop"))).isEmpty();
    }

    @Test
    void theInstancesOfAClosedSessionVanish() {
        alice.registers("shop", "a", "10.0.0.1");
        long seen = replica.lastIndex();

        alice.closes();

        assertThat(addresses(replica.services("shop"))).isEmpty();
        assertThat(events(replica.watches("shop", seen)))
                .extracting(ServiceEvent::getKind)
                .containsExactly(ServiceEvent.Kind.EXPIRED);
    }

    @Test
    @Tag("case-78")
    void registeringAgainReplacesWithoutGapOrDuplicate() {
        alice.registers("shop", "a", "10.0.0.1");
        long seen = replica.lastIndex();

        // The same instance, by a new session, before the old one ends.
        bob.registers("shop", "a", "10.0.0.9");
        assertThat(addresses(replica.services("shop"))).containsExactly("10.0.0.9");
        alice.closes();

        assertThat(addresses(replica.services("shop"))).containsExactly("10.0.0.9");
        assertThat(events(replica.watches("shop", seen)))
                .extracting(ServiceEvent::getKind)
                .containsExactly(ServiceEvent.Kind.UPDATED);
    }

    @Test
    @Tag("case-79")
    void aLateDeregistrationDoesNotRemoveANewerRegistration() {
        long old =
                alice.registers("shop", "a", "10.0.0.1").getServiceRegistered().getRegistrationIndex();
        long current =
                bob.registers("shop", "a", "10.0.0.9").getServiceRegistered().getRegistrationIndex();

        assertThat(alice.deregisters("shop", "a", old).getServiceDeregistered().getExisted())
                .isFalse();
        assertThat(addresses(replica.services("shop"))).containsExactly("10.0.0.9");
        assertThat(bob.deregisters("shop", "a", current)
                        .getServiceDeregistered()
                        .getExisted())
                .isTrue();
        assertThat(addresses(replica.services("shop"))).isEmpty();
    }

    @Test
    @Tag("case-79")
    void aDeregisteredInstanceLeavesNoPhantom() {
        alice.registers("shop", "a", "10.0.0.1");

        assertThat(bob.deregisters("shop", "a").getServiceDeregistered().getExisted())
                .isTrue();
        assertThat(bob.deregisters("shop", "a").getServiceDeregistered().getExisted())
                .isFalse();
        long seen = replica.lastIndex();
        alice.closes();

        assertThat(addresses(replica.services(""))).isEmpty();
        assertThat(replica.watches("", seen)).isNotDone();
    }

    @Test
    @Tag("case-81")
    void aWatchTellsEveryChangeOnceAndInOrder() {
        long seen = replica.lastIndex();
        CompletableFuture<byte[]> watch = replica.watches("shop", seen);
        assertThat(watch).isNotDone();

        bob.registers("bank", "a", "10.0.0.7");
        assertThat(watch).isNotDone();
        alice.registers("shop", "a", "10.0.0.1");
        ServiceEvents first = answer(watch).getServiceEvents();
        assertThat(first.getEventsList())
                .extracting(ServiceEvent::getKind)
                .containsExactly(ServiceEvent.Kind.REGISTERED);
        assertThat(first.getThroughIndex()).isEqualTo(replica.lastIndex());

        alice.registers("shop", "a", "10.0.0.2");
        alice.deregisters("shop", "a");
        ServiceEvents second =
                answer(replica.watches("shop", first.getThroughIndex())).getServiceEvents();
        assertThat(second.getEventsList())
                .extracting(ServiceEvent::getKind)
                .containsExactly(ServiceEvent.Kind.UPDATED, ServiceEvent.Kind.DEREGISTERED);
        assertThat(second.getEvents(0).getService().getInstance().getAddress()).isEqualTo("10.0.0.2");
        assertThat(replica.watches("shop", second.getThroughIndex())).isNotDone();
    }

    @Test
    @Tag("case-81")
    void aWatchResumesOnAnotherReplica() {
        alice.registers("shop", "a", "10.0.0.1");
        long seen = replica.lastIndex();
        TestReplica behind = replica.restored();
        TestReplica ahead = replica.restored();
        alice.on(ahead).registers("shop", "b", "10.0.0.2");

        // The replica that is behind has nothing to tell yet, also not what the client has seen.
        assertThat(behind.watches("shop", seen + 10)).isNotDone();
        assertThat(events(ahead.watches("shop", seen)))
                .extracting(event -> event.getService().getInstance().getId())
                .containsExactly("b");
        assertThat(events(ahead.watches("shop", 0)))
                .extracting(event -> event.getService().getInstance().getId())
                .containsExactly("a", "b");
    }

    @Test
    @Tag("case-81")
    void aWatchInPartsNeverPartsOneIndex() {
        TestSession mortal = replica.open("mortal", 5_000);
        mortal.registers("shop", "a", "10.0.0.1");
        mortal.registers("shop", "b", "10.0.0.2");
        mortal.registers("shop", "c", "10.0.0.3");
        long listed = replica.lastIndex();
        replica.passes(5_000);
        alice.registers("shop", "d", "10.0.0.4");

        ServiceEvents first = answer(replica.watches("shop", listed, 2)).getServiceEvents();
        assertThat(first.getEventsCount()).isEqualTo(3);
        ServiceEvents second =
                answer(replica.watches("shop", first.getThroughIndex(), 2)).getServiceEvents();
        assertThat(second.getEventsList())
                .extracting(event -> event.getService().getInstance().getId())
                .containsExactly("d");

        ServiceEvents one = answer(replica.watches("shop", 0, 1)).getServiceEvents();
        assertThat(one.getEventsCount()).isEqualTo(1);
        assertThat(one.getThroughIndex()).isEqualTo(one.getEvents(0).getIndex());
    }

    @Test
    @Tag("case-82")
    void aWatchBelowTheHistoryIsToldToListAgain() {
        TestReplica small =
                new TestReplica(StateMachineLimits.builder().maxHistoryEvents(2).build());
        TestSession session = small.open("alice");
        long seen = small.lastIndex();
        session.registers("shop", "a", "10.0.0.1");
        session.deregisters("shop", "a");
        session.registers("shop", "b", "10.0.0.2");

        Answer answer = answer(small.watches("shop", seen));
        assertThat(answer.hasCompacted()).isTrue();
        long available = answer.getCompacted().getFirstAvailableIndex();
        assertThat(events(small.watches("shop", available - 1))).hasSize(2);
        assertThat(answer(small.watches("shop", available - 2)).hasCompacted()).isTrue();

        long listed = small.services("shop").getServiceList().getIndex();
        assertThat(small.watches("shop", listed)).isNotDone();
        assertThat(small.machine().state().history().size()).isEqualTo(2);
    }

    @Test
    @Tag("case-82")
    void oneEntryWithMoreEventsThanMayBeKeptIsToldByAList() {
        TestReplica small =
                new TestReplica(StateMachineLimits.builder().maxHistoryEvents(2).build());
        TestSession mortal = small.open("mortal");
        for (String id : List.of("a", "b", "c", "d")) {
            mortal.registers("shop", id, "10.0.0.1");
        }
        CompletableFuture<byte[]> watch = small.watches("shop", small.lastIndex());

        mortal.closes();

        assertThat(answer(watch).getCompacted().getFirstAvailableIndex()).isEqualTo(small.lastIndex() + 1);
        assertThat(small.machine().state().history().size()).isZero();
        assertThat(addresses(small.services("shop"))).isEmpty();
    }

    @Test
    @Tag("case-82")
    void theHistoryIsBoundedByBytes() {
        TestReplica small = new TestReplica(
                StateMachineLimits.builder().maxHistoryBytes(200).build());
        TestSession session = small.open("alice");

        for (int i = 0; i < 100; i++) {
            session.registers("shop", "a", "10.0.0." + i);
            assertThat(small.machine().state().history().bytes()).isBetween(1L, 200L);
        }
    }

    @Test
    @Tag("case-82")
    void aWaitingWatchMissesNothingWhenEventsOfOthersAreDropped() {
        TestReplica small =
                new TestReplica(StateMachineLimits.builder().maxHistoryEvents(2).build());
        TestSession session = small.open("alice");
        CompletableFuture<byte[]> watch = small.watches("shop", small.lastIndex());
        for (int i = 0; i < 10; i++) {
            session.registers("bank", "a", "10.0.0." + i);
        }
        assertThat(watch).isNotDone();

        session.registers("shop", "a", "10.0.0.1");

        assertThat(events(watch))
                .extracting(event -> event.getService().getInstance().getName())
                .containsExactly("shop");
    }

    @Test
    @Tag("case-83")
    void waitingReadsAreBoundedAndForgotten() {
        TestReplica small =
                new TestReplica(StateMachineLimits.builder().maxParkedReads(2).build());
        CompletableFuture<byte[]> first = small.watches("shop", 0);
        CompletableFuture<byte[]> second = small.watches("", 0);
        CompletableFuture<byte[]> third = small.watches("shop", 0);

        assertThat(answer(third).getError().getCode()).isEqualTo(Error.Code.LIMIT);
        first.completeExceptionally(new IllegalStateException("its time is over"));
        assertThat(small.machine().parkedReadCount()).isEqualTo(1);
        assertThat(small.watches("shop", 0)).isNotDone();

        small.open("alice").registers("shop", "a", "10.0.0.1");
        assertThat(events(second)).hasSize(1);
        assertThat(small.machine().parkedReadCount()).isZero();
    }

    @Test
    void aReadThatIsOverAlreadyIsNotKept() {
        CompletableFuture<byte[]> cancelled = new CompletableFuture<>();
        cancelled.cancel(false);

        replica.machine()
                .read(
                        TestReplica.query()
                                .setWatchServices(WatchServices.getDefaultInstance())
                                .build()
                                .toByteArray(),
                        cancelled);

        assertThat(replica.machine().parkedReadCount()).isZero();
    }

    @Test
    void aReplyMayReadAgain() {
        CompletableFuture<byte[]> next = replica.watches("shop", 0)
                .thenCompose(reply -> replica.watches(
                        "shop",
                        answer(CompletableFuture.completedFuture(reply))
                                .getServiceEvents()
                                .getThroughIndex()));

        alice.registers("shop", "a", "10.0.0.1");
        assertThat(next).isNotDone();
        alice.registers("shop", "b", "10.0.0.2");

        assertThat(events(next)).hasSize(1);
    }

    @Test
    void answersAreBoundedByBytes() {
        TestReplica small =
                new TestReplica(StateMachineLimits.builder().maxAnswerBytes(150).build());
        TestSession session = small.open("alice");
        long seen = small.lastIndex();
        for (String id : List.of("a", "b", "c", "d", "e", "f")) {
            session.registers("shop", id, "10.0.0.1");
        }

        ServiceEvents part = answer(small.watches("shop", seen)).getServiceEvents();
        assertThat(part.getEventsCount()).isBetween(1, 5);
        assertThat(part.getThroughIndex())
                .isEqualTo(part.getEvents(part.getEventsCount() - 1).getIndex());
        assertThat(small.services("shop").getError().getCode()).isEqualTo(Error.Code.LIMIT);

        long listed = small.lastIndex();
        session.closes();
        // All in one index, too many for one answer.
        assertThat(answer(small.watches("shop", listed)).getCompacted().getFirstAvailableIndex())
                .isEqualTo(small.lastIndex() + 1);
    }

    @Test
    void wrongValuesAreRefused() {
        ServiceInstance good =
                ServiceInstance.newBuilder().setName("shop").setId("a").build();

        assertThat(error(alice.registers(good.toBuilder().setName("").build()))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.registers(good.toBuilder().setId("").build()))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.registers(good.toBuilder().setPort(65_536).build())))
                .isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.registers(good.toBuilder().setPort(-1).build()))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.registers(good.toBuilder()
                        .putMetadata("key", "x".repeat(64 << 10))
                        .build())))
                .isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.deregisters("", "a"))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.deregisters("shop", ""))).isEqualTo(Error.Code.INVALID);
        assertThat(answer(replica.watches("shop", -1)).getError().getCode()).isEqualTo(Error.Code.INVALID);
        assertThat(answer(replica.watches("shop", 0, -1)).getError().getCode()).isEqualTo(Error.Code.INVALID);
        assertThat(replica.services("x".repeat(513)).getError().getCode()).isEqualTo(Error.Code.INVALID);
    }

    @Test
    void instancesAreBoundedByCountAndBytes() {
        TestReplica small = new TestReplica(
                StateMachineLimits.builder().maxServices(2).maxServiceBytes(60).build());
        TestSession session = small.open("alice");
        session.registers("shop", "a", "10.0.0.1");

        assertThat(error(session.registers("shop", "b", "x".repeat(60)))).isEqualTo(Error.Code.LIMIT);
        assertThat(session.registers("shop", "b", "10.0.0.2").hasServiceRegistered())
                .isTrue();
        assertThat(error(session.registers("shop", "c", "x"))).isEqualTo(Error.Code.LIMIT);
        assertThat(session.registers("shop", "b", "10.0.0.3").hasServiceRegistered())
                .isTrue();
    }

    private static List<String> addresses(Answer list) {
        return list.getServiceList().getServicesList().stream()
                .map(service -> service.getInstance().getAddress())
                .toList();
    }

    private static List<ServiceEvent> events(CompletableFuture<byte[]> watch) {
        return answer(watch).getServiceEvents().getEventsList();
    }
}
