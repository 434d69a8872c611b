package io.balsa.raft.adapter;

import java.util.List;

/** The JVM was started without flags that Chronicle Queue needs; the message has them as they must be added to the command line. */
public final class MissingRuntimeFlagsException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    MissingRuntimeFlagsException(List<String> missing) {
        super(
                "the JVM lacks flags that a log of the kind chronicle needs; leave it at segment, or start the JVM with:\n  "
                        + String.join(" \\\n  ", missing));
    }
}
