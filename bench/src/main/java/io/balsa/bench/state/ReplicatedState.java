package io.balsa.bench.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.statemachine.CoordinationStateMachine;
import io.balsa.statemachine.StateMachineLimits;
import io.balsa.statemachine.proto.AcquireLock;
import io.balsa.statemachine.proto.Command;
import io.balsa.statemachine.proto.DeregisterService;
import io.balsa.statemachine.proto.OpenSession;
import io.balsa.statemachine.proto.Put;
import io.balsa.statemachine.proto.RegisterService;
import io.balsa.statemachine.proto.ReleaseLock;
import io.balsa.statemachine.proto.Result;
import io.balsa.statemachine.proto.ServiceInstance;
import io.balsa.statemachine.proto.ServiceStatus;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** The state machine of the coordination service, and the log entries that bring it somewhere: no Raft, no client. */
public final class ReplicatedState {
    private static final int VERSION = 1;
    private static final int NONCE_BYTES = 16;
    private static final long TTL_MILLIS = TimeUnit.HOURS.toMillis(24);
    private static final int ENTRIES_PER_MILLI = 16;
    private static final int LOADING_SESSIONS = 1000;
    private static final int INSTANCES_PER_SERVICE = 100;

    private final CoordinationStateMachine machine;
    private long lastIndex;

    private ReplicatedState(CoordinationStateMachine machine) {
        this.machine = machine;
    }

    /**
     * Begins with nothing.
     *
     * @param mostObjects so many locks, services or keys have room, besides a few
     */
    public static ReplicatedState empty(int mostObjects) {
        return new ReplicatedState(emptyMachine(mostObjects));
    }

    /** A state machine with the limits of {@link #empty}. */
    public static CoordinationStateMachine emptyMachine(int mostObjects) {
        int room = mostObjects + 100_000;
        return new CoordinationStateMachine(StateMachineLimits.builder()
                .maxLocks(room)
                .maxServices(room)
                .maxServiceBytes(4L << 30)
                .maxKeys(room)
                .maxKeyValueBytes(4L << 30)
                .build());
    }

    /** To apply entries to. */
    public CoordinationStateMachine machine() {
        return machine;
    }

    /** The index of the last entry that was made. */
    public long lastIndex() {
        return lastIndex;
    }

    /** A client whose session is open. */
    public Client openClient() {
        byte[] nonce =
                ByteBuffer.allocate(NONCE_BYTES).putLong(lastIndex).putLong(0).array();
        LogEntry open = entry(Command.newBuilder()
                .setVersion(VERSION)
                .setOpenSession(OpenSession.newBuilder()
                        .setTtlMillis(TTL_MILLIS)
                        .setNonce(ByteString.copyFrom(nonce))
                        .setClientName("bench")));
        return new Client(apply(open).getSessionOpened().getSession());
    }

    private List<Client> loadingClients() {
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < LOADING_SESSIONS; i++) {
            clients.add(openClient());
        }
        return clients;
    }

    /** Has many clients hold so many locks altogether. */
    public void holdLocks(int count) {
        List<Client> clients = loadingClients();
        for (int i = 0; i < count; i++) {
            apply(clients.get(i % clients.size()).acquire(numbered("held", i)));
        }
    }

    /** Has many clients register so many instances altogether, a hundred for each service. */
    public void registerServices(int count) {
        List<Client> clients = loadingClients();
        for (int i = 0; i < count; i++) {
            apply(clients.get(i % clients.size())
                    .register(numbered("service", i / INSTANCES_PER_SERVICE), numbered("instance", i)));
        }
    }

    /** Writes so many keys with values of one size, all different. */
    public void putKeys(int count, int valueBytes) {
        Client client = openClient();
        for (int i = 0; i < count; i++) {
            apply(client.put(
                    numbered("key", i),
                    ByteBuffer.allocate(valueBytes).putInt(i).array()));
        }
    }

    /** A name for each number, all of one length. */
    public static String numbered(String name, int number) {
        return String.format(Locale.ROOT, "%s-%07d", name, number);
    }

    /**
     * Applies an entry that must not be refused.
     *
     * @throws IllegalStateException if it is
     */
    public Result apply(LogEntry entry) {
        return accepted(machine.apply(entry));
    }

    /**
     * Reads what the state machine returned for a command that must not be refused.
     *
     * @throws IllegalStateException if it was
     */
    public static Result accepted(byte[] bytes) {
        try {
            Result result = Result.parseFrom(bytes);
            if (result.hasError() || result.hasLockHeld() || result.hasLockQueued() || result.hasNotHolder()) {
                throw new IllegalStateException("a command was not executed: " + result);
            }
            return result;
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a command has no result", e);
        }
    }

    private LogEntry entry(Command.Builder command) {
        lastIndex++;
        return new LogEntry(
                lastIndex,
                1,
                EntryType.COMMAND,
                lastIndex / ENTRIES_PER_MILLI,
                command.build().toByteArray());
    }

    /** Makes the commands of one session, each to be applied next. */
    public final class Client {
        private final long session;
        private long sequence;

        private Client(long session) {
            this.session = session;
        }

        private Command.Builder command() {
            sequence++;
            return Command.newBuilder()
                    .setVersion(VERSION)
                    .setSession(session)
                    .setSequence(sequence)
                    .setAcknowledged(sequence - 1);
        }

        public LogEntry acquire(String name) {
            return entry(command()
                    .setAcquireLock(AcquireLock.newBuilder()
                            .setName(name)
                            .setHolder(sequence)
                            .setTtlMillis(TTL_MILLIS)));
        }

        /**
         * Releases the lock that the entry before this one acquired: its index is the token, and its sequence number the
         * holder.
         */
        public LogEntry releaseWhatWasJustAcquired(String name) {
            long holder = sequence;
            return entry(command()
                    .setReleaseLock(ReleaseLock.newBuilder()
                            .setName(name)
                            .setHolder(holder)
                            .setToken(lastIndex)));
        }

        public LogEntry put(String key, byte[] value) {
            return entry(command().setPut(Put.newBuilder().setKey(key).setValue(ByteString.copyFrom(value))));
        }

        /**
         * Registers an instance.
         *
         * @param id of the instance within its service
         */
        public LogEntry register(String service, String id) {
            return entry(command()
                    .setRegisterService(RegisterService.newBuilder()
                            .setInstance(ServiceInstance.newBuilder()
                                    .setName(service)
                                    .setId(id)
                                    .setAddress("10.0.0.1")
                                    .setPort(8080)
                                    .setVersion("1.0.0")
                                    .setStatus(ServiceStatus.SERVICE_STATUS_HEALTHY))));
        }

        /**
         * Takes an instance away.
         *
         * @param id of the instance within its service
         */
        public LogEntry deregister(String service, String id) {
            return entry(command()
                    .setDeregisterService(
                            DeregisterService.newBuilder().setName(service).setId(id)));
        }
    }
}
