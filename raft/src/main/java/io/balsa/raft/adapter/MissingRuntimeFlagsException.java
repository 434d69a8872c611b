package io.balsa.raft.adapter;

import java.util.List;

/** The JVM was started without flags that Balsa needs; the message has them as they must be added to the command line. */
public final class MissingRuntimeFlagsException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    MissingRuntimeFlagsException(List<String> missing) {
        super("the JVM lacks flags that Balsa needs; start it with:\n  " + String.join(" \\\n  ", missing));
    }
}
