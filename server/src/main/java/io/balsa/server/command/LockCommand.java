package io.balsa.server.command;

import io.balsa.raft.client.RequestException;
import io.balsa.server.CommandFailure;
import io.balsa.server.DurationConverter;
import io.balsa.server.ExitCode;
import io.balsa.statemachine.session.LockGrant;
import io.balsa.statemachine.session.LockId;
import io.balsa.statemachine.session.Session;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code lock}: runs commands under locks, and acquires, releases, shows and lists them. */
@Command(
        name = "lock",
        description = "Runs commands under locks; acquires, releases, shows and lists locks.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            LockRunCommand.class,
            LockCommand.Acquire.class,
            LockCommand.Release.class,
            LockShowCommand.class,
            LockListCommand.class
        })
public final class LockCommand {
    @Command(
            name = "acquire",
            description = {
                "Acquires a lock and leaves it held, until it is released or its time to live ends.",
                "Prints the fencing token, and the lease by which `lock release` knows what to release."
            })
    static final class Acquire implements Callable<Integer> {
        @Parameters(paramLabel = "NAME")
        private String name;

        @Mixin
        private AcquireOptions options;

        @Mixin
        private Cluster cluster;

        @Mixin
        private Output output;

        @SuppressWarnings("try") // what is opened works while the block runs
        @Override
        public Integer call() {
            Duration ttl = options.ttl();
            StoppableWait wait = new StoppableWait();
            try (Signals signals = Signals.handle(wait::stop);
                    Session session = cluster.connect(sessionTtl(ttl))) {
                Optional<LockGrant> grant = acquire(session, ttl, wait);
                Optional<Signals.Signal> signal = wait.end();
                if (signal.isPresent()) {
                    return signal.get().exitCode();
                }
                print(grant.orElseThrow(() -> options.notAcquired(name)));
                // Not before: a lock whose lease nobody was told of is better freed with the session.
                session.detach();
                return ExitCode.OK.code();
            } catch (RequestException e) {
                return wait.end().map(Signals.Signal::exitCode).orElseThrow(() -> e);
            }
        }

        /**
         * The session's end ends the lock, and its last sign of life may be a third of its TTL older than the grant: twice
         * the lock's TTL is enough, where the cluster allows it.
         */
        private static Duration sessionTtl(Duration ttl) {
            Duration twice = ttl.multipliedBy(2);
            return twice.compareTo(DurationConverter.LONGEST) < 0 ? twice : DurationConverter.LONGEST;
        }

        /** Empty if the lock was not free, or a signal came. */
        private Optional<LockGrant> acquire(Session session, Duration ttl, StoppableWait wait) {
            try {
                Optional<LockGrant> grant = session.locks().acquire(name, ttl, options.waitTime());
                boolean sessionMayEndFirst = ttl.multipliedBy(2).compareTo(DurationConverter.LONGEST) > 0;
                // A renewal is also a sign of life of the session, as late as it can be.
                return sessionMayEndFirst
                        ? grant.flatMap(granted -> session.locks().renew(granted.id(), ttl))
                        : grant;
            } catch (RequestException e) {
                if (wait.end().isEmpty()) {
                    throw e;
                }
                // The session must be closed without the interrupt, or the cluster keeps waiting for this process.
                return Optional.empty();
            }
        }

        private void print(LockGrant grant) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("name", name);
            json.put("token", grant.token());
            json.put("lease", grant.id().toString());
            json.put("ttlMillis", grant.ttl().toMillis());
            output.print(json, List.of("token " + grant.token(), "lease " + grant.id()));
        }
    }

    @Command(name = "release", description = "Releases a lock that `lock acquire` left held.")
    static final class Release implements Callable<Integer> {
        @Parameters(paramLabel = "LEASE", description = "What `lock acquire` printed.")
        private String lease;

        @Mixin
        private Cluster cluster;

        @Mixin
        private Output output;

        @Override
        public Integer call() {
            LockId id;
            try {
                id = LockId.parse(lease);
            } catch (IllegalArgumentException e) {
                throw new CommandFailure(ExitCode.USAGE, e.getMessage(), e);
            }
            try (Session session = cluster.connect()) {
                if (!session.locks().release(id)) {
                    throw new CommandFailure(
                            ExitCode.NOT_FOUND, "'" + id.name() + "' is not held by this lease, or no longer");
                }
                output.print(Map.of("name", id.name()), "released");
                return ExitCode.OK.code();
            }
        }
    }

    private LockCommand() {}
}
