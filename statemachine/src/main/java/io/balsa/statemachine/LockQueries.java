package io.balsa.statemachine;

import io.balsa.statemachine.proto.Answer;
import io.balsa.statemachine.proto.AwaitLock;
import io.balsa.statemachine.proto.AwaitedLock;
import io.balsa.statemachine.proto.GetLock;
import io.balsa.statemachine.proto.ListLocks;
import io.balsa.statemachine.proto.LockHolder;
import io.balsa.statemachine.proto.LockList;
import io.balsa.statemachine.proto.LockState;
import io.balsa.statemachine.proto.LockWaiter;
import io.balsa.statemachine.proto.WatchLock;
import java.util.Optional;

/** Answers queries about locks. */
final class LockQueries {
    /** A list is of locks; who wants to know all holders of one asks for it. */
    private static final int MAX_LISTED_HOLDERS = 10;

    private static final int MAX_LISTED_LOCKS = 1000;

    private final StateMachineLimits limits;
    private final Checks checks;
    private final CoordinationState state;

    LockQueries(StateMachineLimits limits, CoordinationState state) {
        this.limits = limits;
        this.checks = new Checks(limits);
        this.state = state;
    }

    private void checkName(String name) throws Refused {
        checks.name("the lock's name", name);
    }

    Answer get(GetLock query) throws Refused {
        checkName(query.getName());
        LockState.Builder answer = stateOf(query.getName());
        NamedLock lock = state.locks().find(query.getName());
        if (lock != null) {
            fill(answer, lock);
            long bytes = addHolders(answer, lock, Integer.MAX_VALUE);
            addWaiters(answer, lock, limits.maxAnswerBytes() - bytes);
        }
        return Answer.newBuilder().setLockState(answer).build();
    }

    private LockState.Builder stateOf(String name) {
        return LockState.newBuilder()
                .setName(name)
                .setNowMillis(state.clock().millis())
                .setIndex(state.clock().index());
    }

    private static void fill(LockState.Builder answer, NamedLock lock) {
        Holding first = lock.firstHolding();
        answer.setHeld(true)
                .setSession(first.session().id())
                .setHolder(first.holder())
                .setToken(first.token())
                .setCount(first.count())
                .setGrantedMillis(first.grantedMillis())
                .setDeadlineMillis(first.deadlineMillis())
                .setClientName(first.session().clientName())
                .setWaiterCount(lock.waiterCount())
                .setMode(lock.mode())
                .setCapacity(lock.capacity())
                .setPermits(lock.permits())
                .setHolderCount(lock.holderCount())
                .setVersion(lock.version());
    }

    /** @return how many bytes they have */
    private long addHolders(LockState.Builder answer, NamedLock lock, int most) {
        long bytes = 0;
        for (Holding holding : lock.holdings()) {
            LockHolder copy = LockHolder.newBuilder()
                    .setSession(holding.session().id())
                    .setHolder(holding.holder())
                    .setClientName(holding.session().clientName())
                    .setToken(holding.token())
                    .setCount(holding.count())
                    .setPermits(holding.permits())
                    .setGrantedMillis(holding.grantedMillis())
                    .setDeadlineMillis(holding.deadlineMillis())
                    .setData(holding.data())
                    .build();
            if (answer.getHoldersCount() >= most || bytes + copy.getSerializedSize() > limits.maxAnswerBytes()) {
                break;
            }
            bytes += copy.getSerializedSize();
            answer.addHolders(copy);
        }
        return bytes;
    }

    private static void addWaiters(LockState.Builder answer, NamedLock lock, long maxBytes) {
        long bytes = 0;
        for (Waiter waiter : lock.waiters()) {
            LockWaiter copy = LockWaiter.newBuilder()
                    .setSession(waiter.session().id())
                    .setHolder(waiter.holder())
                    .setClientName(waiter.session().clientName())
                    .setDeadlineMillis(waiter.deadlineMillis())
                    .setMode(waiter.claim().mode())
                    .setPermits(waiter.claim().permits())
                    .setSinceMillis(waiter.sinceMillis())
                    .setData(waiter.claim().data())
                    .build();
            bytes += copy.getSerializedSize();
            if (bytes > maxBytes) {
                return;
            }
            answer.addWaiters(copy);
        }
    }

    /** The answer when the handle no longer waits, else empty. */
    Optional<Answer> await(AwaitLock query) throws Refused {
        checkName(query.getName());
        AwaitedLock.Builder answer = AwaitedLock.newBuilder();
        NamedLock lock = state.locks().find(query.getName());
        if (lock != null && lock.findWaiter(query.getSession(), query.getHolder()) != null) {
            return Optional.empty();
        }
        Holding holding = lock == null ? null : lock.find(query.getSession(), query.getHolder());
        if (holding != null) {
            answer.setGranted(true).setToken(holding.token()).setDeadlineMillis(holding.deadlineMillis());
        }
        return Optional.of(Answer.newBuilder().setAwaitedLock(answer).build());
    }

    /** The answer when the holders are others than those that were seen, else empty. */
    Optional<Answer> watch(WatchLock query) throws Refused {
        checkName(query.getName());
        NamedLock lock = state.locks().find(query.getName());
        if ((lock == null ? 0 : lock.version()) == query.getSeenVersion()) {
            return Optional.empty();
        }
        LockState.Builder answer = stateOf(query.getName());
        if (lock != null) {
            fill(answer, lock);
            addHolders(answer, lock, Integer.MAX_VALUE);
        }
        return Optional.of(Answer.newBuilder().setLockState(answer).build());
    }

    Answer list(ListLocks query) throws Refused {
        checks.nameOrEmpty("the prefix", query.getPrefix());
        checks.nameOrEmpty("after_name", query.getAfterName());
        int limit = query.getLimit() > 0 && query.getLimit() < MAX_LISTED_LOCKS ? query.getLimit() : MAX_LISTED_LOCKS;
        // Both are bounds from below; a name that is the prefix itself belongs to the list.
        boolean goesOn = query.getAfterName().compareTo(query.getPrefix()) >= 0
                && !query.getAfterName().isEmpty();
        String from = goesOn ? query.getAfterName() : query.getPrefix();
        LockList.Builder answer = LockList.newBuilder();
        long bytes = 0;
        for (NamedLock lock : state.locks().from(from, !goesOn)) {
            if (!lock.name().startsWith(query.getPrefix())) {
                break;
            }
            LockState.Builder listed = stateOf(lock.name());
            fill(listed, lock);
            addHolders(listed, lock, MAX_LISTED_HOLDERS);
            LockState built = listed.build();
            bytes += built.getSerializedSize();
            // One at least: a list must get on.
            boolean isFull = answer.getLocksCount() >= limit || bytes > limits.maxAnswerBytes();
            if (isFull && answer.getLocksCount() > 0) {
                answer.setMore(true);
                break;
            }
            answer.addLocks(built);
        }
        return Answer.newBuilder().setLockList(answer).build();
    }
}
