package io.balsa.statemachine;

import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.statemachine.proto.Command;
import io.balsa.statemachine.proto.OpenSession;
import io.balsa.statemachine.proto.Result;

/** Executes each command of each session exactly once. */
final class CommandExecutor {
    /** The one result of all commands for whose own there was no room. */
    private static final byte[] NO_ROOM = Results.refused(
                    Refused.limit("the results that clients did not acknowledge have too many bytes"))
            .toByteArray();

    private final StateMachineLimits limits;
    private final CoordinationState state;

    CommandExecutor(StateMachineLimits limits, CoordinationState state) {
        this.limits = limits;
        this.state = state;
    }

    /**
     * Executes a command, or finds that it was executed before.
     *
     * @return a {@link Result}; that of the first time for a retry
     * @throws NewerFormatException if this version can't know what the command means
     */
    byte[] execute(byte[] payload) {
        try {
            Command command = parse(payload);
            return command.hasOpenSession() ? open(command).toByteArray() : executeOnce(command, sessionOf(command));
        } catch (Refused refused) {
            return Results.refused(refused).toByteArray();
        }
    }

    private static Command parse(byte[] payload) throws Refused {
        Command command;
        try {
            command = Command.parseFrom(payload);
        } catch (InvalidProtocolBufferException e) {
            throw Refused.invalid("not a command");
        }
        if (FormatVersions.isNewer(command.getVersion(), FormatVersions.COMMAND)) {
            throw new NewerFormatException("a committed command has format "
                    + Integer.toUnsignedString(command.getVersion()) + ", but this version of Balsa knows only "
                    + FormatVersions.COMMAND);
        }
        if (command.getVersion() == 0) {
            throw Refused.invalid("a command without a version");
        }
        return FormatVersions.asOfItsFormat(command);
    }

    private Result open(Command command) throws Refused {
        if (command.getSession() != 0 || command.getSequence() != 0) {
            throw Refused.invalid("a session is opened outside of any session");
        }
        OpenSession open = command.getOpenSession();
        return Results.opened(state.sessions().open(open));
    }

    private LiveSession sessionOf(Command command) throws Refused {
        LiveSession session = state.sessions().find(command.getSession());
        if (session == null) {
            throw Refused.sessionExpired();
        }
        return session;
    }

    private byte[] executeOnce(Command command, LiveSession session) throws Refused {
        // Whatever becomes of the command, its client is alive.
        state.sessions().keepAlive(session);

        long sequence = command.getSequence();
        if (sequence <= 0) {
            throw Refused.invalid("sequence numbers begin with 1");
        }
        if (command.getAcknowledged() < 0 || command.getAcknowledged() >= sequence) {
            throw Refused.invalid("a command acknowledges its own result");
        }
        DuplicateTable results = session.results();
        results.acknowledge(command.getAcknowledged());
        if (sequence <= results.acknowledged()) {
            throw Refused.alreadyAcknowledged();
        }
        byte[] known = results.resultOf(sequence);
        if (known != null) {
            return known;
        }
        if (results.isFull(limits)) {
            throw Refused.tooManyOutstanding();
        }
        boolean refused = !hasSmallResult(command) && hasNoRoom(results);
        // A refusal uses the number up: a copy of the command that comes later must not be executed either.
        byte[] bytes = refused ? NO_ROOM : run(command, session).toByteArray();
        if (command.getOperationCase() != Command.OperationCase.CLOSE_SESSION) {
            results.remember(sequence, bytes);
        }
        return bytes;
    }

    private boolean hasNoRoom(DuplicateTable results) {
        return results.bytes() >= limits.maxOutstandingResultBytes()
                || state.sessions().resultBudget().isExhausted();
    }

    /**
     * What keeps sessions alive, ends them or gives locks back goes on when results take all the room: it only frees, and its
     * own result is small.
     */
    private static boolean hasSmallResult(Command command) {
        return switch (command.getOperationCase()) {
            case KEEP_ALIVE, CLOSE_SESSION, RELEASE_LOCK, CANCEL_ACQUIRE, LEAVE_BARRIER -> true;
            default -> false;
        };
    }

    private Result run(Command command, LiveSession session) {
        try {
            return switch (command.getOperationCase()) {
                case KEEP_ALIVE -> Results.DONE;
                case CLOSE_SESSION -> close(session);
                case ACQUIRE_LOCK -> state.locks().acquire(session, command.getAcquireLock());
                case RENEW_LOCK -> state.locks().renew(session, command.getRenewLock());
                case RELEASE_LOCK -> state.locks().release(session, command.getReleaseLock());
                case CANCEL_ACQUIRE -> state.locks().cancel(session, command.getCancelAcquire());
                case REGISTER_SERVICE -> state.services().register(session, command.getRegisterService());
                case DEREGISTER_SERVICE -> state.services().deregister(command.getDeregisterService());
                case PUT -> state.keyValues().put(command.getPut());
                case DELETE -> state.keyValues().delete(command.getDelete());
                case COMPARE_AND_SET -> state.keyValues().compareAndSet(command.getCompareAndSet());
                case UPDATE_COUNTER -> state.counters().update(command.getUpdateCounter());
                case ARRIVE_AT_BARRIER -> state.barriers().arrive(session, command.getArriveAtBarrier());
                case LEAVE_BARRIER -> state.barriers().leave(session, command.getLeaveBarrier());
                case OPEN_SESSION, OPERATION_NOT_SET -> throw Refused.invalid("a command without an operation");
            };
        } catch (Refused refused) {
            // Remembered like any result: a retry must not succeed where the first attempt was refused.
            return Results.refused(refused);
        }
    }

    private Result close(LiveSession session) {
        state.end(session);
        return Results.DONE;
    }
}
