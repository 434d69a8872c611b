package io.balsa.statemachine;

import static io.balsa.statemachine.TestReplica.answer;
import static io.balsa.statemachine.TestResults.error;
import static io.balsa.statemachine.TestResults.granted;
import static io.balsa.statemachine.TestResults.queued;
import static io.balsa.statemachine.TestResults.released;
import static io.balsa.statemachine.TestResults.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.port.StateMachine;
import io.balsa.statemachine.proto.AwaitedLock;
import io.balsa.statemachine.proto.Error;
import io.balsa.statemachine.proto.LockState;
import io.balsa.statemachine.proto.LockWaiter;
import io.balsa.statemachine.proto.Result;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class LockTableTest {
    private final TestReplica replica = new TestReplica();
    private final TestSession alice = replica.open("alice");
    private final TestSession bob = replica.open("bob");
    private final TestSession carol = replica.open("carol");

    @Test
    void aFreeLockIsGrantedWithTheIndexOfItsEntryAsToken() {
        Result result = alice.tries("orders");

        assertThat(granted(result).getToken()).isEqualTo(replica.lastIndex());
        assertThat(granted(result).getCount()).isEqualTo(1);
        assertThat(granted(result).getDeadlineMillis()).isEqualTo(replica.nowMillis() + TestSession.LOCK_TTL);
        LockState state = replica.lock("orders");
        assertThat(state.getHeld()).isTrue();
        assertThat(state.getSession()).isEqualTo(alice.id());
        assertThat(state.getClientName()).isEqualTo("alice");
        assertThat(state.getGrantedMillis()).isEqualTo(replica.nowMillis());
        assertThat(state.getNowMillis()).isEqualTo(replica.nowMillis());
    }

    @Test
    void whoDoesNotWaitIsToldWhoHoldsIt() {
        long token = token(alice.tries("orders"));

        Result result = bob.tries("orders");

        assertThat(result.getLockHeld().getSession()).isEqualTo(alice.id());
        assertThat(result.getLockHeld().getToken()).isEqualTo(token);
        assertThat(replica.lock("orders").getWaitersList()).isEmpty();
    }

    @Test
    @Tag("case-74")
    void waitersAreGrantedInTheirOrder() {
        long first = token(alice.tries("orders"));
        assertThat(queued(bob.waitsFor("orders")).getPosition()).isEqualTo(1);
        assertThat(queued(carol.waitsFor("orders")).getPosition()).isEqualTo(2);

        assertThat(released(alice.releases("orders", first))).isZero();
        LockState state = replica.lock("orders");
        assertThat(state.getSession()).isEqualTo(bob.id());
        assertThat(state.getToken()).isEqualTo(replica.lastIndex()).isGreaterThan(first);

        bob.releases("orders", state.getToken());
        assertThat(replica.lock("orders").getSession()).isEqualTo(carol.id());
        carol.releases("orders", replica.lock("orders").getToken());
        assertThat(replica.lock("orders").getHeld()).isFalse();
    }

    @Test
    @Tag("case-74")
    void cancelledAndTimedOutWaitersAreSkipped() {
        TestSession dave = replica.open("dave");
        long token = token(alice.acquires("orders", 50_000, 0));
        bob.acquires("orders", TestSession.LOCK_TTL, 5_000);
        carol.waitsFor("orders");
        dave.waitsFor("orders");

        assertThat(released(carol.cancels("orders"))).isZero();
        replica.passes(5_000);
        assertThat(replica.lock("orders").getWaitersList())
                .extracting(LockWaiter::getSession)
                .containsExactly(dave.id());

        alice.releases("orders", token);
        assertThat(replica.lock("orders").getSession()).isEqualTo(dave.id());
    }

    @Test
    @Tag("case-69")
    void aWaiterWhoseSessionEndedIsNeverGranted() {
        TestSession mortal = replica.open("mortal", 5_000);
        long token = token(alice.acquires("orders", 50_000, 0));
        mortal.waitsFor("orders");
        carol.waitsFor("orders");

        replica.passes(5_000);
        alice.releases("orders", token);

        assertThat(replica.lock("orders").getSession()).isEqualTo(carol.id());
    }

    @Test
    @Tag("case-69")
    void aWaiterWhoseSessionEndsInTheEntryThatFreesTheLockIsNotGranted() {
        TestSession mortal = replica.open("mortal", 8_000);
        alice.acquires("orders", 7_000, 0);
        mortal.waitsFor("orders");
        carol.waitsFor("orders");

        // Both the lock's and the session's time are over by now, the lock's first.
        replica.passes(9_000);

        assertThat(replica.lock("orders").getSession()).isEqualTo(carol.id());
        assertThat(replica.lock("orders").getToken()).isEqualTo(replica.lastIndex());
    }

    @Test
    @Tag("case-67")
    void oneEntryNeverGrantsALockTwice() {
        alice.acquires("orders", 7_000, 0);
        bob.waitsFor("orders");
        carol.waitsFor("orders");

        // By its stamp the lock is free; by its command the one who is to get it leaves.
        replica.later(7_000);
        assertThat(released(bob.cancels("orders"))).isZero();

        assertThat(replica.lock("orders").getSession()).isEqualTo(carol.id());
        assertThat(replica.lock("orders").getToken()).isEqualTo(replica.lastIndex());
    }

    @Test
    @Tag("case-67")
    void tokensGrowWhenALockIsDeletedAndMadeAgain() {
        long first = token(alice.tries("orders"));
        alice.releases("orders", first);
        assertThat(replica.machine().state().locks().find("orders")).isNull();

        long second = token(bob.tries("orders"));
        replica.passes(TestSession.LOCK_TTL);
        TestReplica restarted = replica.restored();
        long third = token(carol.on(restarted).tries("orders"));

        assertThat(second).isGreaterThan(first);
        assertThat(third).isGreaterThan(second);
    }

    @Test
    @Tag("case-70")
    void theHoldersTimeIsOverAtItsDeadlineAndNotBefore() {
        alice.acquires("orders", 5_000, 0);
        bob.waitsFor("orders");
        assertThat(replica.machine().nextDeadlineMillis()).isEqualTo(replica.nowMillis() + 5_000);

        replica.passes(4_999);
        assertThat(replica.lock("orders").getSession()).isEqualTo(alice.id());
        replica.passes(1);
        assertThat(replica.lock("orders").getSession()).isEqualTo(bob.id());
        assertThat(replica.lock("orders").getToken()).isEqualTo(replica.lastIndex());
        assertThat(replica.lock("orders").getDeadlineMillis()).isEqualTo(replica.nowMillis() + TestSession.LOCK_TTL);
    }

    @Test
    @Tag("case-71")
    void timeThatNoEntryShowsDoesNotCount() {
        alice.acquires("orders", 5_000, 0);

        // A new leader goes on from the last stamp, however long there was none.
        for (int failover = 0; failover < 10; failover++) {
            replica.passes(400);
        }
        assertThat(replica.lock("orders").getHeld()).isTrue();
        replica.passes(1_000);
        assertThat(replica.lock("orders").getHeld()).isFalse();
    }

    @Test
    @Tag("case-72")
    void aRenewalInTimeWins() {
        long token = token(alice.acquires("orders", 5_000, 0));

        replica.later(4_999);
        assertThat(granted(alice.renews("orders", token, 5_000)).getDeadlineMillis())
                .isEqualTo(replica.nowMillis() + 5_000);
        replica.passes(4_999);

        assertThat(replica.lock("orders").getToken()).isEqualTo(token);
    }

    @Test
    @Tag("case-72")
    void aRenewalInTheEntryAtWhichItExpiresIsTold() {
        long token = token(alice.acquires("orders", 5_000, 0));

        replica.later(5_000);

        assertThat(alice.renews("orders", token).hasNotHolder()).isTrue();
        assertThat(replica.lock("orders").getHeld()).isFalse();
    }

    @Test
    void aRenewalNeverBringsTheDeadlineNearer() {
        long token = token(alice.acquires("orders", 50_000, 0));
        long deadline = replica.nowMillis() + 50_000;

        assertThat(granted(alice.renews("orders", token, 1_000)).getDeadlineMillis())
                .isEqualTo(deadline);
    }

    @Test
    @Tag("case-73")
    void onlyTheHolderReleasesOrRenews() {
        long token = token(alice.tries("orders"));

        assertThat(bob.releases("orders", token).hasNotHolder()).isTrue();
        assertThat(bob.renews("orders", token).hasNotHolder()).isTrue();
        assertThat(bob.cancels("orders").hasNotHolder()).isTrue();
        assertThat(alice.as(2).releases("orders", token).hasNotHolder()).isTrue();
        assertThat(alice.as(2).renews("orders", token).hasNotHolder()).isTrue();
        assertThat(alice.releases("orders", token - 1).hasNotHolder()).isTrue();
        assertThat(alice.renews("orders", token + 1).hasNotHolder()).isTrue();
        assertThat(alice.releases("unknown", token).hasNotHolder()).isTrue();
        assertThat(replica.lock("orders").getToken()).isEqualTo(token);
    }

    @Test
    @Tag("case-73")
    void aStaleReleaseDoesNotAffectTheSuccessor() {
        long stale = token(alice.tries("orders"));
        replica.passes(TestSession.LOCK_TTL);
        long token = token(bob.tries("orders"));

        assertThat(alice.releases("orders", stale).hasNotHolder()).isTrue();
        assertThat(alice.releases("orders", token).hasNotHolder()).isTrue();
        assertThat(replica.lock("orders").getSession()).isEqualTo(bob.id());
    }

    @Test
    @Tag("case-73")
    void aStaleReleaseDoesNotAffectALaterGrantToTheSameHandle() {
        long stale = token(alice.tries("orders"));
        alice.releases("orders", stale);
        long token = token(alice.tries("orders"));

        assertThat(alice.releases("orders", stale).hasNotHolder()).isTrue();
        assertThat(replica.lock("orders").getToken()).isEqualTo(token);
    }

    @Test
    @Tag("case-73")
    @Tag("case-57")
    void aDuplicateReleaseDoesNotAffectTheSuccessor() {
        long token = token(alice.tries("orders"));
        bob.waitsFor("orders");
        carol.waitsFor("orders");

        Result result = alice.releases("orders", token);
        assertThat(alice.retries()).isEqualTo(result);

        assertThat(replica.lock("orders").getSession()).isEqualTo(bob.id());
    }

    @Test
    void someoneElseReleasesWithTheOwnersTokenAndName() {
        long token = token(alice.tries("orders"));

        assertThat(bob.releasesFor(carol, "orders", token).hasNotHolder()).isTrue();
        assertThat(bob.releasesFor(alice, "orders", token - 1).hasNotHolder()).isTrue();
        assertThat(released(bob.releasesFor(alice, "orders", token))).isZero();

        assertThat(replica.lock("orders").getHeld()).isFalse();
    }

    @Test
    void oneHandleAcquiresAgainAndReleasesAsOften() {
        long token = token(alice.tries("orders"));

        replica.later(1_000);
        Result again = alice.tries("orders");
        assertThat(granted(again).getToken()).isEqualTo(token);
        assertThat(granted(again).getCount()).isEqualTo(2);
        assertThat(granted(again).getDeadlineMillis()).isEqualTo(replica.nowMillis() + TestSession.LOCK_TTL);

        assertThat(released(alice.releases("orders", token))).isEqualTo(1);
        assertThat(replica.lock("orders").getHeld()).isTrue();
        assertThat(released(alice.releases("orders", token))).isZero();
        assertThat(replica.lock("orders").getHeld()).isFalse();
    }

    @Test
    void twoHandlesOfASessionExcludeEachOther() {
        alice.tries("orders");

        assertThat(alice.as(2).tries("orders").hasLockHeld()).isTrue();
        assertThat(queued(alice.as(2).waitsFor("orders")).getPosition()).isEqualTo(1);
    }

    @Test
    void whoAsksAgainWhileWaitingKeepsItsPlaceAndItsCount() {
        long token = token(alice.tries("orders"));
        bob.waitsFor("orders");
        carol.waitsFor("orders");

        assertThat(queued(bob.waitsFor("orders")).getPosition()).isEqualTo(1);
        assertThat(queued(carol.waitsFor("orders")).getPosition()).isEqualTo(2);
        assertThat(released(carol.cancels("orders"))).isEqualTo(1);
        alice.releases("orders", token);

        assertThat(replica.lock("orders").getSession()).isEqualTo(bob.id());
        assertThat(replica.lock("orders").getCount()).isEqualTo(2);
        assertThat(replica.lock("orders").getWaitersCount()).isEqualTo(1);
    }

    @Test
    void cancelReleasesWhatWasGrantedMeanwhile() {
        long token = token(alice.tries("orders"));
        bob.waitsFor("orders");
        carol.waitsFor("orders");
        alice.releases("orders", token);

        assertThat(released(bob.cancels("orders"))).isZero();

        assertThat(replica.lock("orders").getSession()).isEqualTo(carol.id());
        assertThat(bob.cancels("orders").hasNotHolder()).isTrue();
    }

    @Test
    void aSessionsEndPassesAllItsLocksOnInTheSameEntry() {
        alice.tries("orders");
        alice.tries("payments");
        bob.waitsFor("orders");
        carol.waitsFor("payments");
        alice.waitsFor("orders");

        alice.closes();

        assertThat(replica.lock("orders").getSession()).isEqualTo(bob.id());
        assertThat(replica.lock("payments").getSession()).isEqualTo(carol.id());
        // Tokens of different locks may be equal; those of one lock never are.
        assertThat(replica.lock("orders").getToken()).isEqualTo(replica.lastIndex());
        assertThat(replica.lock("payments").getToken()).isEqualTo(replica.lastIndex());
    }

    @Test
    void whoAsksForALockThatItsOwnEntryFreesStandsBehindTheWaiters() {
        alice.acquires("orders", 5_000, 0);
        bob.waitsFor("orders");

        replica.later(5_000);
        assertThat(carol.tries("orders").getLockHeld().getSession()).isEqualTo(bob.id());
    }

    @Test
    void whoAsksForALockThatItsOwnEntryFreesGetsItWhenNobodyWaits() {
        alice.acquires("orders", 5_000, 0);

        replica.later(5_000);
        assertThat(token(carol.tries("orders"))).isEqualTo(replica.lastIndex());
        assertThat(replica.lock("orders").getSession()).isEqualTo(carol.id());
    }

    @Test
    @Tag("case-76")
    void awaitIsAnsweredWhenTheLockIsGrantedAndOnlyThen() {
        long token = token(alice.tries("orders"));
        bob.waitsFor("orders");
        carol.waitsFor("orders");
        CompletableFuture<byte[]> bobsAwait = replica.awaits("orders", bob);
        CompletableFuture<byte[]> carolsAwait = replica.awaits("orders", carol);
        assertThat(bobsAwait).isNotDone();

        alice.releases("orders", token);

        AwaitedLock awaited = answer(bobsAwait).getAwaitedLock();
        assertThat(awaited.getGranted()).isTrue();
        assertThat(awaited.getToken()).isEqualTo(replica.lastIndex());
        assertThat(awaited.getDeadlineMillis()).isEqualTo(replica.nowMillis() + TestSession.LOCK_TTL);
        assertThat(carolsAwait).isNotDone();
        assertThat(replica.machine().parkedReadCount()).isEqualTo(1);
    }

    @Test
    @Tag("case-76")
    void awaitIsAskedAgainAfterAReconnectAndMissesNothing() {
        long token = token(alice.tries("orders"));
        bob.waitsFor("orders");
        CompletableFuture<byte[]> lost = replica.awaits("orders", bob);
        lost.cancel(false);
        assertThat(replica.machine().parkedReadCount()).isZero();
        alice.releases("orders", token);

        assertThat(answer(replica.awaits("orders", bob)).getAwaitedLock().getGranted())
                .isTrue();
    }

    @Test
    @Tag("case-76")
    void awaitIsAnsweredWhenTheWaiterIsGone() {
        TestSession mortal = replica.open("mortal", 9_000);
        alice.acquires("orders", 50_000, 0);
        bob.acquires("orders", TestSession.LOCK_TTL, 5_000);
        carol.waitsFor("orders");
        mortal.waitsFor("orders");
        CompletableFuture<byte[]> timedOut = replica.awaits("orders", bob);
        CompletableFuture<byte[]> cancelled = replica.awaits("orders", carol);
        CompletableFuture<byte[]> died = replica.awaits("orders", mortal);

        carol.cancels("orders");
        assertThat(answer(cancelled).getAwaitedLock().getGranted()).isFalse();
        replica.passes(5_000);
        assertThat(answer(timedOut).getAwaitedLock().getGranted()).isFalse();
        assertThat(died).isNotDone();
        replica.passes(4_000);
        assertThat(answer(died).getAwaitedLock().getGranted()).isFalse();
        assertThat(replica.machine().parkedReadCount()).isZero();
    }

    @Test
    void awaitOfSomeoneWhoNeverAskedIsAnsweredAtOnce() {
        assertThat(answer(replica.awaits("orders", bob)).getAwaitedLock().getGranted())
                .isFalse();
    }

    @Test
    void wrongValuesAreRefused() {
        assertThat(error(alice.tries(""))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.tries("x".repeat(513)))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.tries("ä".repeat(257)))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.acquires("orders", 0, 0))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.acquires("orders", 99, 0))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.acquires("orders", -1, 0))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.acquires("orders", 24 * 3_600_000 + 1, 0))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.acquires("orders", 1_000, -1))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.renews("orders", 1, 0))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.releases("", 1))).isEqualTo(Error.Code.INVALID);
        assertThat(error(alice.cancels(""))).isEqualTo(Error.Code.INVALID);
        assertThat(token(alice.tries("x".repeat(512)))).isPositive();
        assertThat(token(alice.tries("ä".repeat(256)))).isPositive();
        assertThat(replica.lock("orders").getHeld()).isFalse();
    }

    @Test
    void locksAndWaitersAreBounded() {
        TestReplica small = new TestReplica(StateMachineLimits.builder()
                .maxLocks(2)
                .maxWaitersPerLock(1)
                .maxWaiters(1)
                .maxHoldCount(2)
                .build());
        TestSession first = small.open("first");
        TestSession second = small.open("second");
        TestSession third = small.open("third");
        long token = token(first.tries("orders"));
        first.tries("payments");

        assertThat(error(first.tries("more"))).isEqualTo(Error.Code.LIMIT);
        assertThat(granted(first.tries("orders")).getCount()).isEqualTo(2);
        assertThat(error(first.tries("orders"))).isEqualTo(Error.Code.LIMIT);
        queued(second.waitsFor("orders"));
        assertThat(error(third.waitsFor("orders"))).isEqualTo(Error.Code.LIMIT);
        assertThat(error(third.waitsFor("payments"))).isEqualTo(Error.Code.LIMIT);
        queued(second.waitsFor("orders"));
        assertThat(error(second.waitsFor("orders"))).isEqualTo(Error.Code.LIMIT);

        first.releases("orders", token);
        first.releases("orders", token);
        assertThat(small.lock("orders").getCount()).isEqualTo(2);
        queued(third.waitsFor("payments"));
    }

    @Test
    void moreWaitersThanAnAnswerHoldsAreCounted() {
        TestReplica small =
                new TestReplica(StateMachineLimits.builder().maxAnswerBytes(50).build());
        small.open("holder").tries("orders");
        for (int i = 0; i < 10; i++) {
            small.open("waiter").waitsFor("orders");
        }

        assertThat(small.lock("orders").getWaiterCount()).isEqualTo(10);
        assertThat(small.lock("orders").getWaitersCount()).isBetween(1, 5);
    }

    @Test
    void nothingIsDueWhenNothingIsThere() {
        TestReplica empty = new TestReplica();

        assertThat(empty.machine().nextDeadlineMillis()).isEqualTo(StateMachine.NO_DEADLINE);
    }
}
