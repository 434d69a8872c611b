package io.balsa.statemachine;

import com.google.protobuf.ByteString;
import io.balsa.raft.core.EntryType;
import io.balsa.statemachine.proto.AcquireLock;
import io.balsa.statemachine.proto.Command;
import io.balsa.statemachine.proto.CompareAndSet;
import io.balsa.statemachine.proto.LockHolder;
import io.balsa.statemachine.proto.LockState;
import io.balsa.statemachine.proto.Result;
import io.balsa.statemachine.proto.ServiceInstance;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Does at random what clients do, sensible or not: few names and short times, so that everything meets everything. */
final class RandomWorkload {
    private static final String SEMAPHORE = "seats";
    static final List<String> LOCKS = List.of("red", "green", "blue", SEMAPHORE);
    private static final List<String> SERVICES = List.of("shop", "bank");
    private static final int OLD_COMMANDS = 50;

    private final SplittableRandom random;
    private final TestReplica replica;
    private final List<TestSession> sessions = new ArrayList<>();
    private final List<Command> oldCommands = new ArrayList<>();

    RandomWorkload(long seed, TestReplica replica) {
        this.random = new SplittableRandom(seed);
        this.replica = replica;
    }

    /** The sessions that were opened lately; some have ended. */
    List<TestSession> sessions() {
        return sessions;
    }

    /** One more entry. */
    void step() {
        replica.later(pause());
        if (replica.nowMillis() >= replica.machine().nextDeadlineMillis() && random.nextBoolean()) {
            // As the leader does when nobody writes.
            replica.append(EntryType.CLOCK, new byte[0]);
            return;
        }
        int dice = random.nextInt(100);
        if (sessions.isEmpty() || dice < 5) {
            open();
        } else if (dice < 8) {
            replica.append(random.nextBoolean() ? EntryType.CLOCK : EntryType.NO_OP, new byte[0]);
        } else if (dice < 10) {
            replica.append(EntryType.COMMAND, garbage());
        } else if (dice < 18 && !oldCommands.isEmpty()) {
            replica.execute(oldCommands.get(random.nextInt(oldCommands.size())));
        } else {
            TestSession session = pick(sessions).as(1 + random.nextInt(2));
            if (random.nextInt(4) == 0) {
                countOrMeet(session);
            } else {
                act(session);
            }
            session.lastCommand().ifPresent(this::keep);
        }
    }

    /** Mostly short against the TTLs, so that locks and sessions live to meet each other. */
    private long pause() {
        int dice = random.nextInt(100);
        if (dice < 85) {
            return random.nextInt(30);
        }
        return dice < 97 ? random.nextInt(300) : random.nextInt(3_000);
    }

    private void open() {
        Command open = TestReplica.openCommand("client", 1_000 + random.nextInt(4_000), replica.nonce());
        Result result = replica.execute(open);
        keep(open);
        if (result.hasSessionOpened()) {
            sessions.add(new TestSession(replica, result.getSessionOpened().getSession()));
        }
        if (sessions.size() > 6) {
            sessions.remove(0);
        }
    }

    private void act(TestSession session) {
        String lock = pick(LOCKS);
        String service = pick(SERVICES);
        String id = "i" + random.nextInt(3);
        String key = "k" + random.nextInt(4);
        switch (random.nextInt(21)) {
            case 0, 1, 2, 3 -> session.acquires(lock, 100 + random.nextInt(1_500), random.nextInt(3_000));
            case 4 -> session.acquires(lock, 100 + random.nextInt(1_500), 0);
            case 5 -> session.renews(lock, someToken(lock, session), 100 + random.nextInt(2_000));
            case 6, 7, 8 -> session.releases(lock, someToken(lock, session));
            case 18, 19, 20 -> session.asks(sharing(lock));
            case 9 -> session.cancels(lock);
            case 10, 11 -> session.registers(instance(service, id));
            case 12 -> session.deregisters(service, id, random.nextInt(3) == 0 ? replica.lastIndex() - 5 : 0);
            case 13 -> session.puts(key, "v" + random.nextInt(100));
            case 14 -> session.deletes(key);
            case 15 ->
                session.swaps(CompareAndSet.newBuilder()
                        .setKey(key)
                        .setRevision(replica.key(key).getKeyState().getRevision())
                        .setNewValue(ByteString.copyFromUtf8("swapped")));
            case 16 -> session.keepsAlive();
            default -> {
                if (random.nextInt(4) == 0) {
                    session.closes();
                } else {
                    session.keepsAlive();
                }
            }
        }
    }

    private void countOrMeet(TestSession session) {
        String counter = "c" + random.nextInt(3);
        String barrier = "b" + random.nextInt(2);
        switch (random.nextInt(8)) {
            case 0 -> session.adds(counter, random.nextInt(-3, 4));
            case 1 -> session.adds(counter, -1, 0);
            case 2 -> session.adds(counter, random.nextBoolean() ? Long.MAX_VALUE : Long.MIN_VALUE);
            case 3 -> session.sets(counter, random.nextInt(3));
            case 4 -> session.swaps(counter, random.nextInt(3), random.nextInt(3));
            case 5 -> session.leaves(barrier);
            default -> session.arrives(barrier, 1 + random.nextInt(3));
        }
    }

    private ServiceInstance instance(String service, String id) {
        ServiceInstance.Builder instance = ServiceInstance.newBuilder()
                .setName(service)
                .setId(id)
                .setAddress("10.0.0." + random.nextInt(256))
                .setPort(random.nextInt(65_536));
        for (int i = random.nextInt(4); i > 0; i--) {
            instance.putMetadata("key" + random.nextInt(10), "value");
        }
        return instance.build();
    }

    /** A reader, or one of a semaphore, which mostly has a name of its own. */
    private AcquireLock.Builder sharing(String lock) {
        boolean reads = random.nextBoolean();
        String name = random.nextInt(6) == 0 ? pick(List.of("green", SEMAPHORE)) : reads ? lock : SEMAPHORE;
        AcquireLock.Builder acquire = reads
                ? TestSession.shared(name)
                : TestSession.permits(name, 1 + random.nextInt(3), random.nextInt(15) == 0 ? 4 : 3);
        return acquire.setTtlMillis(100 + random.nextInt(1_500))
                .setWaitMillis(random.nextInt(4) == 0 ? 0 : random.nextInt(3_000))
                .setData(random.nextInt(3) == 0 ? "10.0.0." + random.nextInt(256) : "");
    }

    /** Mostly that of this very handle. */
    private long someToken(String lock, TestSession session) {
        LockState state = replica.lock(lock);
        long token = state.getHoldersList().stream()
                .filter(holding -> holding.getSession() == session.id() && holding.getHolder() == session.holder())
                .mapToLong(LockHolder::getToken)
                .findFirst()
                .orElse(state.getToken());
        return random.nextInt(5) == 0 ? Math.max(0, token - 1) : token;
    }

    private byte[] garbage() {
        byte[] bytes = new byte[random.nextInt(40)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) random.nextInt(256);
        }
        // A version that is newer on purpose halts: not what this is about.
        return FormatVersions.refusalOf(bytes)
                        .filter(reason -> reason.contains("format"))
                        .isPresent()
                ? new byte[0]
                : bytes;
    }

    private void keep(Command command) {
        oldCommands.add(command);
        if (oldCommands.size() > OLD_COMMANDS) {
            oldCommands.remove(0);
        }
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
