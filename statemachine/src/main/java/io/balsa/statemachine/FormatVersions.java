package io.balsa.statemachine;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.balsa.statemachine.proto.Command;
import java.io.IOException;
import java.util.Optional;

/** Says which formats of commands, queries and snapshots this version of Balsa knows. */
public final class FormatVersions {
    /** What {@code Command.version} is. */
    public static final int COMMAND = 1;

    /** What {@code Query.version} is. */
    public static final int QUERY = 1;

    /** The format of snapshots. */
    public static final int SNAPSHOT = 1;

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

    static boolean isNewer(int version, int known) {
        return Integer.compareUnsigned(version, known) > 0;
    }
}
