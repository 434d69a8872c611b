package io.balsa.server.config;

import io.balsa.server.CommandFailure;
import io.balsa.server.ExitCode;
import java.nio.file.Path;

/** Says in one line what is wrong with a configuration file: where, which key, which value, and what is expected. */
public final class ConfigException extends CommandFailure {
    private static final long serialVersionUID = 1L;

    private ConfigException(String line) {
        super(ExitCode.CONFIGURATION, line);
    }

    /** Something is wrong with the file as a whole. */
    static ConfigException of(Path file, String problem) {
        return new ConfigException(file + ": " + problem);
    }

    /** Something is wrong in a line of the file. */
    static ConfigException at(Path file, int line, String problem) {
        return new ConfigException(file + ":" + line + ": " + problem);
    }
}
