package io.balsa.server.command;

import io.balsa.server.CommandFailure;
import io.balsa.server.DurationFormat;
import io.balsa.server.ExitCode;
import java.time.Duration;
import picocli.CommandLine.Option;

/** The options of commands that acquire a lock. */
final class AcquireOptions {
    @Option(
            names = "--ttl",
            paramLabel = "DURATION",
            required = true,
            description = "Without renewal, the cluster frees the lock after this time.")
    private Duration ttl;

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            defaultValue = "0s",
            description = "How long to wait while others hold the lock. Default: not at all.")
    private Duration waitTime;

    Duration ttl() {
        return Cluster.positive("--ttl", ttl);
    }

    Duration waitTime() {
        return waitTime;
    }

    CommandFailure notAcquired(String name) {
        String when = waitTime.isZero() ? "" : " within " + DurationFormat.format(waitTime);
        return new CommandFailure(ExitCode.LOCK_NOT_ACQUIRED, "lock '" + name + "' was not free" + when);
    }
}
