package io.balsa.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.StateMachine;
import io.balsa.statemachine.proto.Answer;
import io.balsa.statemachine.proto.AwaitBarrier;
import io.balsa.statemachine.proto.AwaitCounter;
import io.balsa.statemachine.proto.AwaitLock;
import io.balsa.statemachine.proto.BarrierState;
import io.balsa.statemachine.proto.Command;
import io.balsa.statemachine.proto.CounterKind;
import io.balsa.statemachine.proto.CounterState;
import io.balsa.statemachine.proto.GetBarrier;
import io.balsa.statemachine.proto.GetCounter;
import io.balsa.statemachine.proto.GetKey;
import io.balsa.statemachine.proto.GetLock;
import io.balsa.statemachine.proto.GetSession;
import io.balsa.statemachine.proto.ListLocks;
import io.balsa.statemachine.proto.ListServices;
import io.balsa.statemachine.proto.LockHolder;
import io.balsa.statemachine.proto.LockState;
import io.balsa.statemachine.proto.OpenSession;
import io.balsa.statemachine.proto.Query;
import io.balsa.statemachine.proto.Result;
import io.balsa.statemachine.proto.WatchLock;
import io.balsa.statemachine.proto.WatchServices;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Drives a state machine as one server does: entries with growing indexes and stamps, and reads between them. */
final class TestReplica {
    static final long SESSION_TTL = 100_000;

    private final CoordinationStateMachine machine;
    private final List<LogEntry> log = new ArrayList<>();
    private long nowMillis = 1_000_000;
    private long lastIndex;
    private int nonces;

    TestReplica() {
        this(StateMachineLimits.defaults());
    }

    TestReplica(StateMachineLimits limits) {
        machine = new CoordinationStateMachine(limits);
    }

    CoordinationStateMachine machine() {
        return machine;
    }

    /** All entries so far. */
    List<LogEntry> log() {
        return log;
    }

    long lastIndex() {
        return lastIndex;
    }

    long nowMillis() {
        return nowMillis;
    }

    /** The next entry has a stamp that much later. */
    TestReplica later(long millis) {
        nowMillis += millis;
        return this;
    }

    /** Time passes, and an entry says so. */
    TestReplica passes(long millis) {
        later(millis).append(EntryType.CLOCK, new byte[0]);
        return this;
    }

    byte[] append(EntryType type, byte[] payload) {
        lastIndex++;
        LogEntry entry = new LogEntry(lastIndex, 1, type, nowMillis, payload);
        log.add(entry);
        return machine.apply(entry);
    }

    Result execute(byte[] command) {
        try {
            return Result.parseFrom(append(EntryType.COMMAND, command));
        } catch (InvalidProtocolBufferException e) {
            throw new UncheckedIOException(e);
        }
    }

    Result execute(Command command) {
        return execute(command.toByteArray());
    }

    /** The next of a series of different nonces. */
    ByteString nonce() {
        nonces++;
        byte[] nonce = new byte[16];
        nonce[0] = (byte) nonces;
        nonce[1] = (byte) (nonces >>> 8);
        return ByteString.copyFrom(nonce);
    }

    static Command openCommand(String clientName, long ttlMillis, ByteString nonce) {
        return Command.newBuilder()
                .setVersion(1)
                .setOpenSession(OpenSession.newBuilder()
                        .setClientName(clientName)
                        .setTtlMillis(ttlMillis)
                        .setNonce(nonce))
                .build();
    }

    TestSession open(String clientName) {
        return open(clientName, SESSION_TTL);
    }

    TestSession open(String clientName, long ttlMillis) {
        Result result = execute(openCommand(clientName, ttlMillis, nonce()));
        assertThat(result.hasSessionOpened()).as(result.toString()).isTrue();
        return new TestSession(this, result.getSessionOpened().getSession());
    }

    // ---- reads -----------------------------------------------------------------------------------------------------

    CompletableFuture<byte[]> read(Query query) {
        CompletableFuture<byte[]> reply = new CompletableFuture<>();
        machine.read(query.toByteArray(), reply);
        return reply;
    }

    Answer ask(Query query) {
        return answer(read(query));
    }

    static Answer answer(CompletableFuture<byte[]> reply) {
        assertThat(reply).isCompleted();
        try {
            return Answer.parseFrom(reply.join());
        } catch (InvalidProtocolBufferException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Query.Builder query() {
        return Query.newBuilder().setVersion(1);
    }

    LockState lock(String name) {
        return ask(query().setGetLock(GetLock.newBuilder().setName(name)).build())
                .getLockState();
    }

    CompletableFuture<byte[]> awaits(String lock, TestSession session) {
        return read(query().setAwaitLock(AwaitLock.newBuilder()
                        .setName(lock)
                        .setSession(session.id())
                        .setHolder(session.holder()))
                .build());
    }

    Answer locks(String prefix, String afterName, int limit) {
        return ask(query().setListLocks(ListLocks.newBuilder()
                        .setPrefix(prefix)
                        .setAfterName(afterName)
                        .setLimit(limit))
                .build());
    }

    CompletableFuture<byte[]> watchesLock(String name, long seenVersion) {
        return read(query().setWatchLock(WatchLock.newBuilder().setName(name).setSeenVersion(seenVersion))
                .build());
    }

    /** The sessions of a lock's holders, in their order. */
    List<Long> holdersOf(String lock) {
        return lock(lock).getHoldersList().stream().map(LockHolder::getSession).toList();
    }

    Answer services(String name) {
        return ask(
                query().setListServices(ListServices.newBuilder().setName(name)).build());
    }

    CompletableFuture<byte[]> watches(String name, long afterIndex) {
        return watches(name, afterIndex, 0);
    }

    CompletableFuture<byte[]> watches(String name, long afterIndex, int maxEvents) {
        return read(query().setWatchServices(WatchServices.newBuilder()
                        .setName(name)
                        .setAfterIndex(afterIndex)
                        .setMaxEvents(maxEvents))
                .build());
    }

    Answer key(String key) {
        return ask(query().setGetKey(GetKey.newBuilder().setKey(key)).build());
    }

    CounterState counter(String name) {
        return ask(query().setGetCounter(GetCounter.newBuilder().setName(name)).build())
                .getCounterState();
    }

    CompletableFuture<byte[]> awaitsCounter(CounterKind kind, String name, long atMost) {
        return read(query().setAwaitCounter(
                        AwaitCounter.newBuilder().setKind(kind).setName(name).setAtMost(atMost))
                .build());
    }

    BarrierState barrier(String name) {
        return ask(query().setGetBarrier(GetBarrier.newBuilder().setName(name)).build())
                .getBarrierState();
    }

    CompletableFuture<byte[]> awaitsBarrier(String name, TestSession session) {
        return read(query().setAwaitBarrier(AwaitBarrier.newBuilder()
                        .setName(name)
                        .setSession(session.id())
                        .setHolder(session.holder()))
                .build());
    }

    boolean isOpen(long session) {
        return ask(query().setGetSession(GetSession.newBuilder().setSession(session))
                        .build())
                .getSessionState()
                .getOpen();
    }

    // ---- snapshots -------------------------------------------------------------------------------------------------

    byte[] snapshot() {
        try (StateMachine.Snapshot snapshot = machine.cutSnapshot()) {
            return bytesOf(snapshot);
        }
    }

    static byte[] bytesOf(StateMachine.Snapshot snapshot) {
        try {
            ByteArrayOutputStream output = new ByteArrayOutputStream();
            snapshot.writeTo(output);
            return output.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Another replica that starts from a snapshot of this one, and goes on from here. */
    TestReplica restored(StateMachineLimits limits) {
        TestReplica other = new TestReplica(limits);
        try {
            other.machine.restore(new ByteArrayInputStream(snapshot()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        other.lastIndex = lastIndex;
        other.nowMillis = nowMillis;
        other.nonces = nonces;
        return other;
    }

    TestReplica restored() {
        return restored(StateMachineLimits.defaults());
    }
}
