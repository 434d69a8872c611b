package io.balsa.statemachine;

import com.google.protobuf.ByteString;
import io.balsa.statemachine.proto.AcquireLock;
import io.balsa.statemachine.proto.AddToCounter;
import io.balsa.statemachine.proto.ArriveAtBarrier;
import io.balsa.statemachine.proto.CancelAcquire;
import io.balsa.statemachine.proto.CloseSession;
import io.balsa.statemachine.proto.Command;
import io.balsa.statemachine.proto.CompareAndSet;
import io.balsa.statemachine.proto.CompareAndSetCounter;
import io.balsa.statemachine.proto.Delete;
import io.balsa.statemachine.proto.DeregisterService;
import io.balsa.statemachine.proto.KeepAlive;
import io.balsa.statemachine.proto.LeaveBarrier;
import io.balsa.statemachine.proto.LockMode;
import io.balsa.statemachine.proto.Put;
import io.balsa.statemachine.proto.RegisterService;
import io.balsa.statemachine.proto.ReleaseLock;
import io.balsa.statemachine.proto.RenewLock;
import io.balsa.statemachine.proto.Result;
import io.balsa.statemachine.proto.ServiceInstance;
import io.balsa.statemachine.proto.UpdateCounter;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Speaks for one client: numbers its commands, and acknowledges each result when it sends the next. */
final class TestSession {
    static final long LOCK_TTL = 10_000;
    static final long PATIENCE = 60_000;

    private final TestReplica replica;
    private final long id;
    private final long holder;
    private final AtomicLong sequence;
    private Command lastCommand;

    TestSession(TestReplica replica, long id) {
        this(replica, id, 1, new AtomicLong());
    }

    private TestSession(TestReplica replica, long id, long holder, AtomicLong sequence) {
        this.replica = replica;
        this.id = id;
        this.holder = holder;
        this.sequence = sequence;
    }

    long id() {
        return id;
    }

    long holder() {
        return holder;
    }

    /** Another handle of the same session. */
    TestSession as(long otherHolder) {
        return new TestSession(replica, id, otherHolder, sequence);
    }

    /** The same session, that speaks to another replica. */
    TestSession on(TestReplica otherReplica) {
        return new TestSession(otherReplica, id, holder, sequence);
    }

    Command.Builder next() {
        long number = sequence.incrementAndGet();
        return Command.newBuilder()
                .setVersion(1)
                .setSession(id)
                .setSequence(number)
                .setAcknowledged(number - 1);
    }

    Result send(Command.Builder command) {
        lastCommand = command.build();
        return replica.execute(lastCommand);
    }

    /** The very same command once more, as if its reply was lost. */
    Result retries() {
        return replica.execute(lastCommand);
    }

    Optional<Command> lastCommand() {
        return Optional.ofNullable(lastCommand);
    }

    Result keepsAlive() {
        return send(next().setKeepAlive(KeepAlive.getDefaultInstance()));
    }

    Result closes() {
        return send(next().setCloseSession(CloseSession.getDefaultInstance()));
    }

    // ---- locks -----------------------------------------------------------------------------------------------------

    Result tries(String lock) {
        return acquires(lock, LOCK_TTL, 0);
    }

    Result waitsFor(String lock) {
        return acquires(lock, LOCK_TTL, PATIENCE);
    }

    Result acquires(String lock, long ttlMillis, long waitMillis) {
        return send(next().setAcquireLock(AcquireLock.newBuilder()
                .setName(lock)
                .setHolder(holder)
                .setTtlMillis(ttlMillis)
                .setWaitMillis(waitMillis)));
    }

    Result reads(String lock) {
        return asks(shared(lock));
    }

    Result waitsToRead(String lock) {
        return asks(shared(lock).setWaitMillis(PATIENCE));
    }

    static AcquireLock.Builder shared(String lock) {
        return AcquireLock.newBuilder()
                .setName(lock)
                .setMode(LockMode.LOCK_MODE_SHARED)
                .setTtlMillis(LOCK_TTL);
    }

    Result takes(String semaphore, int permits, int capacity) {
        return asks(permits(semaphore, permits, capacity));
    }

    Result waitsToTake(String semaphore, int permits, int capacity) {
        return asks(permits(semaphore, permits, capacity).setWaitMillis(PATIENCE));
    }

    static AcquireLock.Builder permits(String semaphore, int permits, int capacity) {
        return AcquireLock.newBuilder()
                .setName(semaphore)
                .setMode(LockMode.LOCK_MODE_PERMITS)
                .setPermits(permits)
                .setCapacity(capacity)
                .setTtlMillis(LOCK_TTL);
    }

    /** Acquires in any way; the holder is this one's. */
    Result asks(AcquireLock.Builder acquire) {
        Command.Builder command = next().setAcquireLock(acquire.setHolder(holder));
        return send(command.setVersion(FormatVersions.neededBy(command)));
    }

    Result renews(String lock, long token) {
        return renews(lock, token, LOCK_TTL);
    }

    Result renews(String lock, long token, long ttlMillis) {
        return send(next().setRenewLock(RenewLock.newBuilder()
                .setName(lock)
                .setHolder(holder)
                .setToken(token)
                .setTtlMillis(ttlMillis)));
    }

    Result releases(String lock, long token) {
        return send(next().setReleaseLock(
                        ReleaseLock.newBuilder().setName(lock).setHolder(holder).setToken(token)));
    }

    /** Releases what another session holds. */
    Result releasesFor(TestSession owner, String lock, long token) {
        return send(next().setReleaseLock(ReleaseLock.newBuilder()
                .setName(lock)
                .setOwnerSession(owner.id())
                .setHolder(owner.holder())
                .setToken(token)));
    }

    Result cancels(String lock) {
        return send(
                next().setCancelAcquire(CancelAcquire.newBuilder().setName(lock).setHolder(holder)));
    }

    // ---- services --------------------------------------------------------------------------------------------------

    Result registers(String name, String instanceId, String address) {
        return registers(ServiceInstance.newBuilder()
                .setName(name)
                .setId(instanceId)
                .setAddress(address)
                .setPort(8080)
                .build());
    }

    Result registers(ServiceInstance instance) {
        return send(next().setRegisterService(RegisterService.newBuilder().setInstance(instance)));
    }

    Result deregisters(String name, String instanceId) {
        return deregisters(name, instanceId, 0);
    }

    Result deregisters(String name, String instanceId, long registrationIndex) {
        return send(next().setDeregisterService(DeregisterService.newBuilder()
                .setName(name)
                .setId(instanceId)
                .setRegistrationIndex(registrationIndex)));
    }

    // ---- keys ------------------------------------------------------------------------------------------------------

    Result puts(String key, String value) {
        return send(next().setPut(Put.newBuilder().setKey(key).setValue(ByteString.copyFromUtf8(value))));
    }

    Result deletes(String key) {
        return send(next().setDelete(Delete.newBuilder().setKey(key)));
    }

    Result swaps(CompareAndSet.Builder compareAndSet) {
        return send(next().setCompareAndSet(compareAndSet));
    }

    // ---- counters and barriers -------------------------------------------------------------------------------------

    Result adds(String counter, long delta) {
        return updates(UpdateCounter.newBuilder()
                .setName(counter)
                .setAdd(AddToCounter.newBuilder().setDelta(delta)));
    }

    Result adds(String counter, long delta, long floor) {
        return updates(UpdateCounter.newBuilder()
                .setName(counter)
                .setAdd(AddToCounter.newBuilder()
                        .setDelta(delta)
                        .setHasFloor(true)
                        .setFloor(floor)));
    }

    Result sets(String counter, long value) {
        return updates(UpdateCounter.newBuilder().setName(counter).setSet(value));
    }

    Result swaps(String counter, long expected, long newValue) {
        return updates(UpdateCounter.newBuilder()
                .setName(counter)
                .setCompareAndSet(
                        CompareAndSetCounter.newBuilder().setExpected(expected).setNewValue(newValue)));
    }

    Result updates(UpdateCounter.Builder update) {
        return send(next().setVersion(2).setUpdateCounter(update));
    }

    Result arrives(String barrier, int parties) {
        return send(next().setVersion(2)
                .setArriveAtBarrier(ArriveAtBarrier.newBuilder()
                        .setName(barrier)
                        .setParties(parties)
                        .setHolder(holder)));
    }

    Result leaves(String barrier) {
        return send(next().setVersion(2)
                .setLeaveBarrier(LeaveBarrier.newBuilder().setName(barrier).setHolder(holder)));
    }
}
