package io.balsa.statemachine;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.balsa.statemachine.proto.AcquireLock;
import io.balsa.statemachine.proto.Command;
import io.balsa.statemachine.proto.CommandOrBuilder;
import io.balsa.statemachine.proto.LockMode;
import java.io.IOException;
import java.util.Optional;

/** Says which formats of commands, queries and snapshots this version of Balsa knows. */
public final class FormatVersions {
    /** The newest that {@code Command.version} may be. */
    public static final int COMMAND = 2;

    /** What {@code Query.version} is. */
    public static final int QUERY = 1;

    /** The newest format of snapshots. */
    public static final int SNAPSHOT = 2;

    /** The format of commands and snapshots that know no locks but exclusive ones, neither counters nor barriers. */
    static final int FIRST = 1;

    private FormatVersions() {}

    /**
     * Why a server must not even propose this command, if so. A committed command of a newer format halts every server that
     * meets it, so whoever takes commands from clients asks here first; it looks no deeper than the version.
     *
     * @return the reason, or empty when the command may be proposed
     */
    public static Optional<String> refusalOf(byte[] command) {
        int version = 0;
        try {
            CodedInputStream input = CodedInputStream.newInstance(command);
            int tag = input.readTag();
            while (tag != 0) {
                if (tag == WireFormat.WIRETYPE_VARINT + (Command.VERSION_FIELD_NUMBER << 3)) {
                    version = input.readUInt32();
                } else {
                    input.skipField(tag);
                }
                tag = input.readTag();
            }
        } catch (IOException e) {
            return Optional.of("not a command");
        }
        return isNewer(version, COMMAND)
                ? Optional.of("the command has format " + Integer.toUnsignedString(version) + ", this server knows "
                        + COMMAND)
                : Optional.empty();
    }

    /**
     * The oldest format that has all that is in this command. It is the one to write: so servers of an older version go on
     * taking what they understand, and halt, rather than guess, only at what they don't.
     */
    public static int neededBy(CommandOrBuilder command) {
        return switch (command.getOperationCase()) {
            case ACQUIRE_LOCK -> isNewerThanFirst(command.getAcquireLock()) ? COMMAND : FIRST;
            case UPDATE_COUNTER, ARRIVE_AT_BARRIER, LEAVE_BARRIER -> COMMAND;
            default -> FIRST;
        };
    }

    private static boolean isNewerThanFirst(AcquireLock acquire) {
        return acquire.getModeValue() != LockMode.LOCK_MODE_EXCLUSIVE_VALUE
                || acquire.getPermits() != 0
                || acquire.getCapacity() != 0
                || !acquire.getData().isEmpty();
    }

    /**
     * What a command means by the format that it names: without what is newer, of which a server of that version knows
     * nothing. It must have the same effect here as there.
     */
    static Command asOfItsFormat(Command command) {
        if (command.getVersion() >= neededBy(command)) {
            return command;
        }
        if (!command.hasAcquireLock()) {
            return command.toBuilder().clearOperation().build();
        }
        AcquireLock.Builder acquire = command.getAcquireLock().toBuilder()
                .clearMode()
                .clearPermits()
                .clearCapacity()
                .clearData();
        return command.toBuilder().setAcquireLock(acquire).build();
    }

    static boolean isNewer(int version, int known) {
        return Integer.compareUnsigned(version, known) > 0;
    }
}
