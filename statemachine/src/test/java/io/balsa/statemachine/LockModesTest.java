package io.balsa.statemachine;

import static io.balsa.statemachine.TestReplica.answer;
import static io.balsa.statemachine.TestResults.error;
import static io.balsa.statemachine.TestResults.granted;
import static io.balsa.statemachine.TestResults.queued;
import static io.balsa.statemachine.TestResults.released;
import static io.balsa.statemachine.TestResults.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.statemachine.proto.AcquireLock;
import io.balsa.statemachine.proto.Error;
import io.balsa.statemachine.proto.LockHolder;
import io.balsa.statemachine.proto.LockList;
import io.balsa.statemachine.proto.LockMode;
import io.balsa.statemachine.proto.LockState;
import io.balsa.statemachine.proto.LockWaiter;
import io.balsa.statemachine.proto.Result;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Read-write locks and semaphores. */
class LockModesTest {
    private final TestReplica replica = new TestReplica();
    private final TestSession alice = replica.open("alice");
    private final TestSession bob = replica.open("bob");
    private final TestSession carol = replica.open("carol");
    private final TestSession dave = replica.open("dave");

    // ---- readers and writers ---------------------------------------------------------------------------------------

    @Test
    void readersShareALockAndAWriterDoesNot() {
        long first = token(alice.reads("orders"));
        long second = token(bob.reads("orders"));

        assertThat(second).isGreaterThan(first).isEqualTo(replica.lastIndex());
        assertThat(carol.tries("orders").getLockHeld().getToken()).isEqualTo(first);
        LockState state = replica.lock("orders");
        assertThat(state.getMode()).isEqualTo(LockMode.LOCK_MODE_SHARED);
        assertThat(state.getHolderCount()).isEqualTo(2);
        assertThat(replica.holdersOf("orders")).containsExactly(alice.id(), bob.id());
        assertThat(state.getSession()).as("of the first, for old clients").isEqualTo(alice.id());
    }

    @Test
    void nobodyReadsWhileSomebodyWrites() {
        alice.tries("orders");

        assertThat(bob.reads("orders").hasLockHeld()).isTrue();
        assertThat(queued(bob.waitsToRead("orders")).getPosition()).isEqualTo(1);
    }

    @Test
    @Tag("case-74")
    void aReaderDoesNotOvertakeAWaitingWriter() {
        long read = token(alice.reads("orders"));
        bob.waitsFor("orders");

        assertThat(carol.reads("orders").hasLockHeld()).isTrue();
        assertThat(queued(carol.waitsToRead("orders")).getPosition()).isEqualTo(2);

        alice.releases("orders", read);
        assertThat(replica.holdersOf("orders")).containsExactly(bob.id());
        bob.releases("orders", replica.lock("orders").getToken());
        assertThat(replica.holdersOf("orders")).containsExactly(carol.id());
    }

    @Test
    @Tag("case-74")
    @Tag("case-76")
    void whenAWriterLeavesAllReadersAtTheHeadComeInByOneEntryAndNobodyElseWakes() {
        TestSession erin = replica.open("erin");
        long written = token(alice.tries("orders"));
        bob.waitsToRead("orders");
        carol.waitsToRead("orders");
        dave.waitsFor("orders");
        erin.waitsToRead("orders");
        CompletableFuture<byte[]> bobs = replica.awaits("orders", bob);
        CompletableFuture<byte[]> carols = replica.awaits("orders", carol);
        CompletableFuture<byte[]> daves = replica.awaits("orders", dave);
        CompletableFuture<byte[]> erins = replica.awaits("orders", erin);

        alice.releases("orders", written);

        assertThat(replica.holdersOf("orders")).containsExactly(bob.id(), carol.id());
        assertThat(answer(bobs).getAwaitedLock().getToken()).isEqualTo(replica.lastIndex());
        assertThat(answer(carols).getAwaitedLock().getToken()).isEqualTo(replica.lastIndex());
        assertThat(daves).isNotDone();
        assertThat(erins).isNotDone();
    }

    @Test
    void aWriterComesInWhenTheLastReaderHasLeft() {
        long first = token(alice.reads("orders"));
        long second = token(bob.reads("orders"));
        carol.waitsFor("orders");

        alice.releases("orders", first);
        assertThat(replica.holdersOf("orders")).containsExactly(bob.id());
        bob.releases("orders", second);

        assertThat(replica.holdersOf("orders")).containsExactly(carol.id());
        assertThat(replica.lock("orders").getToken()).isEqualTo(replica.lastIndex());
    }

    @Test
    @Tag("case-74")
    void aWriterThatGivesUpLetsTheReadersBehindItIn() {
        alice.reads("orders");
        bob.waitsFor("orders");
        carol.waitsToRead("orders");

        assertThat(released(bob.cancels("orders"))).isZero();

        assertThat(replica.holdersOf("orders")).containsExactly(alice.id(), carol.id());
        assertThat(replica.lock("orders").getWaiterCount()).isZero();
    }

    @Test
    @Tag("case-69")
    @Tag("case-74")
    void aWriterThatDiesOrWaitsInVainLetsTheReadersBehindItIn() {
        TestSession mortal = replica.open("mortal", 8_000);
        alice.asks(TestSession.shared("orders").setTtlMillis(50_000));
        mortal.waitsFor("orders");
        carol.waitsToRead("orders");
        dave.acquires("orders", TestSession.LOCK_TTL, 9_000);
        bob.asks(TestSession.shared("orders").setTtlMillis(50_000).setWaitMillis(60_000));

        replica.passes(8_000);
        assertThat(replica.holdersOf("orders")).containsExactly(alice.id(), carol.id());
        replica.passes(1_000);
        assertThat(replica.holdersOf("orders")).containsExactly(alice.id(), carol.id(), bob.id());
    }

    @Test
    @Tag("case-69")
    void aWriterThatDiesInTheEntryThatFreesTheLockStandsInNobodysWay() {
        TestSession mortal = replica.open("mortal", 8_000);
        alice.acquires("orders", 7_000, 0);
        mortal.waitsFor("orders");
        bob.waitsToRead("orders");
        carol.waitsToRead("orders");

        replica.passes(9_000);

        assertThat(replica.holdersOf("orders")).containsExactly(bob.id(), carol.id());
    }

    @Test
    void readersEndOneByOne() {
        TestSession mortal = replica.open("mortal", 6_000);
        alice.asks(TestSession.shared("orders").setTtlMillis(5_000));
        mortal.reads("orders");
        carol.asks(TestSession.shared("orders").setTtlMillis(7_000));
        dave.waitsFor("orders");

        replica.passes(5_000);
        assertThat(replica.holdersOf("orders")).containsExactly(mortal.id(), carol.id());
        replica.passes(1_000);
        assertThat(replica.holdersOf("orders")).containsExactly(carol.id());
        replica.passes(1_000);
        assertThat(replica.holdersOf("orders")).containsExactly(dave.id());
    }

    @Test
    @Tag("case-72")
    void eachReaderIsRenewedForItself() {
        long first = token(alice.reads("orders"));
        long second = token(bob.reads("orders"));

        replica.later(TestSession.LOCK_TTL - 1);
        assertThat(granted(bob.renews("orders", second)).getToken()).isEqualTo(second);
        assertThat(bob.renews("orders", first).hasNotHolder()).isTrue();
        replica.passes(1);

        assertThat(replica.holdersOf("orders")).containsExactly(bob.id());
        assertThat(alice.renews("orders", first).hasNotHolder()).isTrue();
    }

    @Test
    @Tag("case-73")
    void aReadersReleaseTouchesNoOther() {
        long first = token(alice.reads("orders"));
        long second = token(bob.reads("orders"));

        assertThat(alice.releases("orders", second).hasNotHolder()).isTrue();
        assertThat(released(alice.releases("orders", first))).isZero();
        assertThat(alice.releases("orders", first).hasNotHolder()).isTrue();

        assertThat(replica.holdersOf("orders")).containsExactly(bob.id());
    }

    @Test
    void aReaderReadsAgainAlsoWhileAWriterWaits() {
        long token = token(alice.reads("orders"));
        bob.waitsFor("orders");

        Result again = alice.reads("orders");
        assertThat(granted(again).getToken()).isEqualTo(token);
        assertThat(granted(again).getCount()).isEqualTo(2);

        assertThat(released(alice.releases("orders", token))).isEqualTo(1);
        assertThat(replica.holdersOf("orders")).containsExactly(alice.id());
        assertThat(released(alice.releases("orders", token))).isZero();
        assertThat(replica.holdersOf("orders")).containsExactly(bob.id());
    }

    @Test
    void aReaderCannotBecomeAWriterNorAWriterAReader() {
        alice.reads("orders");
        Result upgrade = alice.waitsFor("orders");
        assertThat(error(upgrade)).isEqualTo(Error.Code.INVALID);
        assertThat(upgrade.getError().getMessage()).contains("orders", "shared", "exclusive", "release");
        assertThat(error(alice.tries("orders"))).isEqualTo(Error.Code.INVALID);

        bob.tries("payments");
        Result downgrade = bob.waitsToRead("payments");
        assertThat(error(downgrade)).isEqualTo(Error.Code.INVALID);
        assertThat(downgrade.getError().getMessage()).contains("payments", "in mode exclusive");

        carol.waitsFor("payments");
        assertThat(error(carol.waitsToRead("payments"))).isEqualTo(Error.Code.INVALID);
        assertThat(replica.lock("payments").getWaiterCount()).isEqualTo(1);
        assertThat(replica.lock("orders").getWaiterCount()).isZero();
    }

    @Test
    void anotherHandleOfTheReaderMayWaitToWrite() {
        long token = token(alice.reads("orders"));

        assertThat(queued(alice.as(2).waitsFor("orders")).getPosition()).isEqualTo(1);
        alice.releases("orders", token);

        assertThat(replica.lock("orders").getHolder()).isEqualTo(2);
    }

    @Test
    @Tag("case-67")
    void tokensOfWritersGrowWhateverReadersHaveDone() {
        long first = token(alice.tries("orders"));
        bob.waitsToRead("orders");
        carol.waitsToRead("orders");
        alice.releases("orders", first);
        long read = replica.lock("orders").getToken();
        dave.waitsFor("orders");
        bob.releases("orders", read);
        carol.releases("orders", read);

        long second = replica.lock("orders").getToken();
        assertThat(read).isGreaterThan(first);
        assertThat(second).isGreaterThan(read);
    }

    @Test
    void whoAsksInTheEntryThatFreesALockJoinsTheReadersButStandsBehindWriters() {
        alice.acquires("orders", 5_000, 0);
        bob.waitsToRead("orders");
        replica.later(5_000);
        assertThat(token(carol.reads("orders"))).isEqualTo(replica.lastIndex());
        assertThat(replica.holdersOf("orders")).containsExactly(bob.id(), carol.id());

        alice.acquires("payments", 5_000, 0);
        bob.waitsFor("payments");
        replica.later(5_000);
        assertThat(carol.reads("payments").getLockHeld().getSession()).isEqualTo(bob.id());
    }

    // ---- semaphores ------------------------------------------------------------------------------------------------

    @Test
    void permitsAreTakenUntilThereAreNoMore() {
        alice.takes("seats", 2, 3);
        long one = token(bob.takes("seats", 1, 3));

        assertThat(carol.takes("seats", 1, 3).hasLockHeld()).isTrue();
        LockState state = replica.lock("seats");
        assertThat(state.getMode()).isEqualTo(LockMode.LOCK_MODE_PERMITS);
        assertThat(state.getCapacity()).isEqualTo(3);
        assertThat(state.getPermits()).isEqualTo(3);
        assertThat(state.getHoldersList()).extracting(LockHolder::getPermits).containsExactly(2, 1);

        bob.releases("seats", one);
        assertThat(token(carol.takes("seats", 1, 3))).isEqualTo(replica.lastIndex());
    }

    @Test
    @Tag("case-74")
    void whoWantsFewPermitsDoesNotOvertakeWhoWantsMany() {
        long one = token(alice.takes("seats", 1, 3));
        assertThat(queued(bob.waitsToTake("seats", 3, 3)).getPosition()).isEqualTo(1);

        assertThat(carol.takes("seats", 1, 3).hasLockHeld()).isTrue();
        carol.waitsToTake("seats", 1, 3);
        dave.waitsToTake("seats", 2, 3);
        assertThat(replica.holdersOf("seats")).containsExactly(alice.id());

        alice.releases("seats", one);
        assertThat(replica.holdersOf("seats")).containsExactly(bob.id());
        bob.releases("seats", replica.lock("seats").getToken());
        assertThat(replica.holdersOf("seats")).containsExactly(carol.id(), dave.id());
    }

    @Test
    void permitsComeBackHoweverTheirHolderEnds() {
        TestSession mortal = replica.open("mortal", 4_000);
        long released = token(alice.takes("seats", 1, 4));
        bob.asks(TestSession.permits("seats", 1, 4).setTtlMillis(3_000));
        mortal.takes("seats", 1, 4);
        carol.takes("seats", 1, 4);
        dave.waitsToTake("seats", 4, 4);

        alice.releases("seats", released);
        assertThat(replica.lock("seats").getPermits()).isEqualTo(3);
        replica.passes(3_000);
        assertThat(replica.lock("seats").getPermits()).isEqualTo(2);
        replica.passes(1_000);
        assertThat(replica.lock("seats").getPermits()).isEqualTo(1);
        carol.closes();

        assertThat(replica.holdersOf("seats")).containsExactly(dave.id());
        assertThat(replica.lock("seats").getPermits()).isEqualTo(4);
    }

    @Test
    @Tag("case-74")
    void whoWaitsForManyPermitsAndDiesLetsTheOthersIn() {
        TestSession mortal = replica.open("mortal", 4_000);
        alice.takes("seats", 2, 3);
        mortal.waitsToTake("seats", 2, 3);
        carol.waitsToTake("seats", 1, 3);

        replica.passes(4_000);

        assertThat(replica.holdersOf("seats")).containsExactly(alice.id(), carol.id());
    }

    @Test
    void aSemaphoreIsNotReentrant() {
        alice.takes("seats", 1, 3);

        Result again = alice.takes("seats", 1, 3);
        assertThat(error(again)).isEqualTo(Error.Code.INVALID);
        assertThat(again.getError().getMessage()).contains("seats", "another handle");
        assertThat(token(alice.as(2).takes("seats", 1, 3))).isPositive();
        assertThat(replica.lock("seats").getPermits()).isEqualTo(2);
    }

    @Test
    void whatALockIsCountsAsLongAsAnybodyUsesIt() {
        long token = token(alice.takes("seats", 1, 3));
        bob.waitsToTake("seats", 3, 3);

        Result other = carol.takes("seats", 1, 4);
        assertThat(error(other)).isEqualTo(Error.Code.INVALID);
        assertThat(other.getError().getMessage()).contains("seats", "3 permits", "4 permits");
        assertThat(error(carol.reads("seats"))).isEqualTo(Error.Code.INVALID);
        assertThat(carol.tries("seats").getError().getMessage()).contains("3 permits", "mutex or read-write lock");
        alice.releases("seats", token);
        assertThat(error(carol.tries("seats"))).isEqualTo(Error.Code.INVALID);
        bob.releases("seats", replica.lock("seats").getToken());

        long mutex = token(carol.tries("seats"));
        assertThat(error(alice.takes("seats", 1, 3))).isEqualTo(Error.Code.INVALID);
        carol.releases("seats", mutex);
        assertThat(granted(alice.takes("seats", 1, 4)).getToken()).isGreaterThan(mutex);
    }

    @Test
    void whatALockWasDoesNotCountInTheEntryInWhichItsLastHolderEnds() {
        alice.asks(TestSession.permits("seats", 1, 3).setTtlMillis(5_000));

        replica.later(5_000);
        assertThat(token(bob.tries("seats"))).isEqualTo(replica.lastIndex());

        assertThat(replica.lock("seats").getMode()).isEqualTo(LockMode.LOCK_MODE_EXCLUSIVE);
        assertThat(replica.lock("seats").getCapacity()).isZero();
    }

    @Test
    void wrongValuesAreRefused() {
        assertThat(error(alice.takes("seats", 0, 3))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.takes("seats", 4, 3))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.takes("seats", -1, 3))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.takes("seats", 1, 1_000_001))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.takes("seats", -2, -1))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.asks(TestSession.shared("seats").setPermits(1)))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.asks(TestSession.shared("seats").setCapacity(1))))
                .isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.asks(TestSession.shared("seats").setModeValue(7))))
                .isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.asks(TestSession.shared("seats").setData("x".repeat(1025)))))
                .isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.asks(TestSession.shared("seats").setData("ä".repeat(513)))))
                .isEqualTo(Error.Code.INVALID);
        assertThat(replica.lock("seats").getHeld()).isFalse();
        assertThat(token(alice.asks(TestSession.shared("seats").setData("ä".repeat(512)))))
                .isPositive();
    }

    // ---- what is seen ----------------------------------------------------------------------------------------------

    @Test
    void holdersAndWaitersAreSeenWithWhatTheySay() {
        alice.asks(TestSession.shared("leader").setData("10.0.0.1:80"));
        replica.later(1_000);
        bob.asks(AcquireLock.newBuilder()
                .setName("leader")
                .setTtlMillis(5_000)
                .setWaitMillis(30_000)
                .setData("10.0.0.2:80"));
        replica.later(2_000);
        carol.waitsToRead("leader");

        LockState state = replica.lock("leader");
        LockHolder holder = state.getHolders(0);
        assertThat(holder.getData()).isEqualTo("10.0.0.1:80");
        assertThat(holder.getClientName()).isEqualTo("alice");
        assertThat(holder.getGrantedMillis()).isEqualTo(replica.nowMillis() - 3_000);
        LockWaiter writer = state.getWaiters(0);
        assertThat(writer.getData()).isEqualTo("10.0.0.2:80");
        assertThat(writer.getMode()).isEqualTo(LockMode.LOCK_MODE_EXCLUSIVE);
        assertThat(writer.getSinceMillis()).isEqualTo(replica.nowMillis() - 2_000);
        assertThat(state.getWaiters(1).getMode()).isEqualTo(LockMode.LOCK_MODE_SHARED);

        alice.releases("leader", holder.getToken());
        assertThat(replica.lock("leader").getHolders(0).getData()).isEqualTo("10.0.0.2:80");
    }

    @Test
    void whoAcquiresAgainMaySayAnotherThing() {
        alice.asks(TestSession.shared("leader").setData("old"));
        alice.reads("leader");
        assertThat(replica.lock("leader").getHolders(0).getData()).isEqualTo("old");

        alice.asks(TestSession.shared("leader").setData("new"));
        bob.waitsFor("leader");
        bob.asks(AcquireLock.newBuilder()
                .setName("leader")
                .setTtlMillis(5_000)
                .setWaitMillis(30_000)
                .setData("later"));

        assertThat(replica.lock("leader").getHolders(0).getData()).isEqualTo("new");
        assertThat(replica.lock("leader").getWaiters(0).getData()).isEqualTo("later");
    }

    @Test
    void holdersAndTheirDataAreBounded() {
        TestReplica small = new TestReplica(StateMachineLimits.builder()
                .maxHoldersPerLock(2)
                .maxHolders(4)
                .maxHolderDataBytes(10)
                .maxAllHolderDataBytes(15)
                .build());
        TestSession first = small.open("first");
        TestSession second = small.open("second");
        TestSession third = small.open("third");
        first.asks(TestSession.shared("a").setData("1234567890"));
        second.asks(TestSession.shared("a").setData("12345"));

        assertThat(error(third.reads("a"))).isEqualTo(Error.Code.LIMIT);
        assertThat(error(third.asks(TestSession.shared("b").setData("x")))).isEqualTo(Error.Code.LIMIT);
        assertThat(error(third.asks(TestSession.shared("b").setData("12345678901"))))
                .isEqualTo(Error.Code.INVALID);
        third.waitsFor("a");
        third.reads("c");
        assertThat(error(third.reads("d"))).isEqualTo(Error.Code.LIMIT);
        assertThat(error(first.waitsFor("c"))).isEqualTo(Error.Code.LIMIT);

        second.closes();
        first.closes();
        assertThat(small.machine().state().locks().dataBytes()).isZero();
        assertThat(token(third.asks(TestSession.shared("d").setData("12345")))).isPositive();
    }

    @Test
    void locksAreListedByNameAndPage() {
        for (String name : new String[] {"b/2", "a", "b/1", "c", "b/3", "b"}) {
            alice.tries(name);
        }
        bob.waitsFor("b/1");

        assertThat(names("", "", 0)).containsExactly("a", "b", "b/1", "b/2", "b/3", "c");
        assertThat(names("b", "", 0)).containsExactly("b", "b/1", "b/2", "b/3");
        assertThat(names("b/", "", 2)).containsExactly("b/1", "b/2");
        assertThat(replica.locks("b/", "", 2).getLockList().getMore()).isTrue();
        assertThat(names("b/", "b/2", 2)).containsExactly("b/3");
        assertThat(replica.locks("b/", "b/2", 1).getLockList().getMore()).isFalse();
        assertThat(names("b", "b", 2)).containsExactly("b/1", "b/2");
        assertThat(names("b", "a", 1)).containsExactly("b");
        assertThat(names("b", "c", 1)).isEmpty();
        assertThat(names("x", "", 0)).isEmpty();
        LockState listed = replica.locks("b/1", "", 0).getLockList().getLocks(0);
        assertThat(listed.getWaiterCount()).isEqualTo(1);
        assertThat(listed.getWaitersList()).isEmpty();
        assertThat(listed.getHolders(0).getClientName()).isEqualTo("alice");
        assertThat(replica.locks("x".repeat(513), "", 0).getError().getCode()).isEqualTo(Error.Code.INVALID);
    }

    private List<String> names(String prefix, String afterName, int limit) {
        return replica.locks(prefix, afterName, limit).getLockList().getLocksList().stream()
                .map(LockState::getName)
                .toList();
    }

    @Test
    void aListHasNoMoreThanAnAnswerHoldsButGetsOn() {
        TestReplica small =
                new TestReplica(StateMachineLimits.builder().maxAnswerBytes(100).build());
        TestSession session = small.open("client");
        for (int i = 0; i < 10; i++) {
            session.tries("lock" + i);
        }

        int pages = 0;
        int locks = 0;
        String after = "";
        boolean more = true;
        while (more) {
            LockList page = small.locks("", after, 0).getLockList();
            pages++;
            locks += page.getLocksCount();
            after = page.getLocks(page.getLocksCount() - 1).getName();
            more = page.getMore();
        }
        assertThat(locks).isEqualTo(10);
        assertThat(pages).isGreaterThan(3);
    }

    @Test
    void aListShowsAFewOfManyHolders() {
        for (int i = 1; i <= 12; i++) {
            alice.as(i).reads("orders");
        }

        LockState listed = replica.locks("", "", 0).getLockList().getLocks(0);
        assertThat(listed.getHoldersCount()).isEqualTo(10);
        assertThat(listed.getHolderCount()).isEqualTo(12);
        assertThat(replica.lock("orders").getHoldersCount()).isEqualTo(12);
    }

    // ---- watches ---------------------------------------------------------------------------------------------------

    @Test
    void aWatchIsAnsweredWhenTheHoldersHaveChangedAndOnlyThen() {
        CompletableFuture<byte[]> free = replica.watchesLock("leader", 0);
        assertThat(free).isNotDone();
        long token = token(alice.tries("leader"));

        LockState first = answer(free).getLockState();
        assertThat(first.getHolders(0).getSession()).isEqualTo(alice.id());
        assertThat(first.getIndex()).isEqualTo(replica.lastIndex());
        CompletableFuture<byte[]> next = replica.watchesLock("leader", first.getVersion());
        alice.renews("leader", token);
        alice.tries("leader");
        bob.waitsFor("leader");
        carol.waitsFor("leader");
        carol.cancels("leader");
        alice.releases("leader", token);
        assertThat(next).isNotDone();

        alice.releases("leader", token);
        LockState second = answer(next).getLockState();
        assertThat(second.getHolders(0).getSession()).isEqualTo(bob.id());
        assertThat(second.getVersion()).isGreaterThan(first.getVersion());

        CompletableFuture<byte[]> last = replica.watchesLock("leader", second.getVersion());
        bob.closes();
        assertThat(answer(last).getLockState().getHeld()).isFalse();
        assertThat(answer(last).getLockState().getVersion()).isZero();
        assertThat(replica.machine().parkedReadCount()).isZero();
    }

    @Test
    void aWatchToldOfTheLeavingOfOneOfSeveral() {
        long token = token(alice.reads("orders"));
        bob.reads("orders");
        CompletableFuture<byte[]> watch =
                replica.watchesLock("orders", replica.lock("orders").getVersion());

        alice.releases("orders", token);

        assertThat(answer(watch).getLockState().getHoldersList())
                .extracting(LockHolder::getSession)
                .containsExactly(bob.id());
    }

    @Test
    void aWatchThatComesLateIsToldThePresentState() {
        long token = token(alice.tries("leader"));
        long seen = replica.lock("leader").getVersion();
        alice.releases("leader", token);
        bob.tries("leader");
        TestReplica other = replica.restored();

        assertThat(answer(other.watchesLock("leader", seen)).getLockState().getSession())
                .isEqualTo(bob.id());
        assertThat(other.watchesLock("leader", other.lock("leader").getVersion()))
                .isNotDone();
        assertThat(other.lock("leader").getVersion())
                .isEqualTo(replica.lock("leader").getVersion());
    }
}
