package io.balsa.statemachine.session;

import io.balsa.statemachine.proto.AcquireLock;
import io.balsa.statemachine.proto.LockHolder;
import io.balsa.statemachine.proto.LockState;
import io.balsa.statemachine.proto.LockWaiter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Translates locks between what callers see and what is replicated (state.proto). */
final class LockWire {
    private LockWire() {}

    /**
     * The command for a request.
     *
     * @param waitMillis what is left of its wait
     */
    static AcquireLock acquire(LockRequest request, long holder, long waitMillis) {
        return AcquireLock.newBuilder()
                .setName(request.name())
                .setHolder(holder)
                .setTtlMillis(request.ttl().toMillis())
                .setWaitMillis(waitMillis)
                .setMode(
                        switch (request.mode()) {
                            case EXCLUSIVE -> io.balsa.statemachine.proto.LockMode.LOCK_MODE_EXCLUSIVE;
                            case SHARED -> io.balsa.statemachine.proto.LockMode.LOCK_MODE_SHARED;
                            case PERMITS -> io.balsa.statemachine.proto.LockMode.LOCK_MODE_PERMITS;
                        })
                .setPermits(request.permits())
                .setCapacity(request.capacity())
                .setData(request.data())
                .build();
    }

    /** @param name for a state of a server that does not say it */
    static LockInfo info(String name, LockState state, String what) {
        if (!state.getHeld()) {
            return LockInfo.free(name);
        }
        long now = state.getNowMillis();
        List<LockInfo.Holder> holders = state.getHoldersCount() == 0
                ? List.of(onlyHolder(name, state))
                : state.getHoldersList().stream()
                        .map(holder -> holder(name, holder, now))
                        .toList();
        return new LockInfo(
                name,
                mode(state.getMode(), what),
                state.getCapacity(),
                state.getPermits(),
                holders,
                Math.max(holders.size(), state.getHolderCount()),
                state.getWaitersList().stream()
                        .map(waiter -> waiter(waiter, now, what))
                        .toList(),
                state.getWaiterCount(),
                state.getVersion());
    }

    /** As servers say it that know only exclusive locks. */
    private static LockInfo.Holder onlyHolder(String name, LockState state) {
        return new LockInfo.Holder(
                new LockId(name, state.getSession(), state.getHolder(), state.getToken()),
                state.getClientName(),
                state.getCount(),
                0,
                between(state.getGrantedMillis(), state.getNowMillis()),
                between(state.getNowMillis(), state.getDeadlineMillis()),
                "");
    }

    private static LockInfo.Holder holder(String name, LockHolder holder, long nowMillis) {
        return new LockInfo.Holder(
                new LockId(name, holder.getSession(), holder.getHolder(), holder.getToken()),
                holder.getClientName(),
                holder.getCount(),
                holder.getPermits(),
                between(holder.getGrantedMillis(), nowMillis),
                between(nowMillis, holder.getDeadlineMillis()),
                holder.getData());
    }

    private static LockInfo.Waiter waiter(LockWaiter waiter, long nowMillis, String what) {
        return new LockInfo.Waiter(
                waiter.getSession(),
                waiter.getHolder(),
                waiter.getClientName(),
                mode(waiter.getMode(), what),
                waiter.getPermits(),
                waiter.getSinceMillis() == 0
                        ? Optional.empty()
                        : Optional.of(between(waiter.getSinceMillis(), nowMillis)),
                between(nowMillis, waiter.getDeadlineMillis()),
                waiter.getData());
    }

    private static LockMode mode(io.balsa.statemachine.proto.LockMode mode, String what) {
        return switch (mode) {
            case LOCK_MODE_EXCLUSIVE -> LockMode.EXCLUSIVE;
            case LOCK_MODE_SHARED -> LockMode.SHARED;
            case LOCK_MODE_PERMITS -> LockMode.PERMITS;
            case UNRECOGNIZED -> throw Wire.unexpected(what, "a lock's mode");
        };
    }

    private static Duration between(long fromMillis, long toMillis) {
        return Duration.ofMillis(Math.max(0, toMillis - fromMillis));
    }
}
