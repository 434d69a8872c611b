package io.balsa.server.config;

import io.balsa.raft.adapter.LogStorageKind;
import io.balsa.raft.core.NodeId;
import io.balsa.server.DurationFormat;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One value of a configuration file, and where it stands.
 *
 * @param path for example {@code nodes[0].port}
 */
record ConfigValue(Path file, int line, String path, String text) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern HOST_NAME = Pattern.compile("[A-Za-z0-9._-]{1,253}");
    private static final Pattern IPV6_ADDRESS = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9]+)?");
    private static final Pattern HOST_AND_PORT = Pattern.compile("[^:]+:\\d+");
    private static final Pattern DIGITS = Pattern.compile("\\d{1,5}");
    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}|1000000000");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})(B|KiB|MiB|GiB)");
    private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB");
    private static final long MAX_SIZE = 1L << 40;
    private static final int MAX_PORT = 65_535;
    // As long as a node takes any of them to be.
    private static final Duration MAX_DURATION = Duration.ofMinutes(10);

    ConfigException wrong(String problem) {
        return ConfigException.at(file, line, path + ": " + problem);
    }

    String name() {
        if (!NAME.matcher(text).matches()) {
            throw wrong("'" + text + "' is not a name of 1 to 64 letters, digits, '.', '_' or '-'");
        }
        return text;
    }

    NodeId nodeId() {
        return NodeId.of(name());
    }

    Path directory() {
        try {
            if (!text.isEmpty()) {
                return Path.of(text);
            }
        } catch (InvalidPathException e) {
            throw wrong("'" + text + "' is not a path: " + e.getReason());
        }
        throw wrong("'' is not a path");
    }

    String host() {
        if (HOST_AND_PORT.matcher(text).matches()) {
            throw wrong("'" + text + "' has a port in it; expected only a host name or IP address");
        }
        if (!HOST_NAME.matcher(text).matches() && !IPV6_ADDRESS.matcher(text).matches()) {
            throw wrong("'" + text + "' is not a host name or IP address");
        }
        return text;
    }

    int port(int min) {
        if (!DIGITS.matcher(text).matches() || Integer.parseInt(text) < min || Integer.parseInt(text) > MAX_PORT) {
            throw wrong("'" + text + "' is not a port from " + min + " to " + MAX_PORT);
        }
        return Integer.parseInt(text);
    }

    boolean flag() {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw wrong("'" + text + "' is neither true nor false");
        };
    }

    LogStorageKind logStorage() {
        return switch (text) {
            case "segment" -> LogStorageKind.SEGMENT;
            case "segment-cached" -> LogStorageKind.SEGMENT_CACHED;
            case "chronicle" -> LogStorageKind.CHRONICLE;
            default -> throw wrong("'" + text + "' is none of segment, segment-cached and chronicle");
        };
    }

    /** A whole number in a range. */
    int number(int min, int max) {
        if (!NUMBER.matcher(text).matches() || Integer.parseInt(text) < min || Integer.parseInt(text) > max) {
            throw wrong("'" + text + "' is not a whole number from " + min + " to " + max);
        }
        return Integer.parseInt(text);
    }

    /** A number of bytes. */
    long size(long min) {
        Matcher matcher = SIZE.matcher(text);
        if (matcher.matches()) {
            long unit = 1L << (10 * UNITS.indexOf(matcher.group(2)));
            long bytes = Long.parseLong(matcher.group(1)) * unit;
            if (bytes >= min && bytes <= MAX_SIZE) {
                return bytes;
            }
        }
        throw wrong("'" + text + "' is not a size from " + min + "B to 1024GiB, such as 64MiB");
    }

    Duration duration() {
        Duration duration;
        try {
            duration = DurationFormat.parse(text);
        } catch (IllegalArgumentException e) {
            throw wrong(e.getMessage());
        }
        if (duration.isZero() || duration.compareTo(MAX_DURATION) > 0) {
            throw wrong("'" + text + "' is not from 1ms to " + DurationFormat.format(MAX_DURATION));
        }
        return duration;
    }
}
