package io.balsa.server.command;

import io.balsa.lock.DistributedLock;
import io.balsa.lock.LockLease;
import io.balsa.lock.LockOptions;
import io.balsa.lock.NativeLock;
import io.balsa.raft.client.RequestException;
import io.balsa.server.ExitCode;
import io.balsa.statemachine.session.Session;
import io.balsa.statemachine.session.SessionExpiredException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lock run}: runs a command for as long as a lock is held, and no longer. */
@Command(
        name = "run",
        description = {
            "Runs a command while holding a lock, which is renewed until the command ends. The command finds the fencing"
                    + " token in BALSA_LOCK_TOKEN.",
            "If the lock is lost, the command and its descendants get SIGTERM, and SIGKILL after --kill-after. SIGINT"
                    + " and SIGTERM are handed to the command. Ends with the code of the command, or one of Balsa's own,"
                    + " which are 80 and above."
        })
final class LockRunCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(LockRunCommand.class);

    @Parameters(index = "0", paramLabel = "NAME", description = "The lock.")
    private String name;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND", description = "After --: what to run.")
    private List<String> command;

    @Option(
            names = "--kill-after",
            paramLabel = "DURATION",
            defaultValue = "2s",
            description = "When the lock is lost: the time from SIGTERM to SIGKILL. Default: ${DEFAULT-VALUE}.")
    private Duration killAfter;

    @Mixin
    private AcquireOptions options;

    @Mixin
    private Cluster cluster;

    @Mixin
    private Output output;

    // Guarded by this: a signal that comes before the command runs must keep it from running.
    private Optional<ChildProcess> child = Optional.empty();

    private final AtomicReference<Thread> ending = new AtomicReference<>();

    @SuppressWarnings("try") // what is opened works while the block runs
    @Override
    public Integer call() throws InterruptedException {
        StoppableWait wait = new StoppableWait();
        try (Signals signals = Signals.handle(signal -> onSignal(signal, wait));
                Session session = cluster.connect(options.ttl())) {
            Optional<LockLease> lease = acquire(session, wait);
            return lease.isPresent() ? runUnder(lease.get(), wait) : notRun(wait);
        } catch (RequestException e) {
            return wait.end().map(Signals.Signal::exitCode).orElseThrow(() -> e);
        }
    }

    /** Empty if the lock was not free, or a signal came. */
    private Optional<LockLease> acquire(Session session, StoppableWait wait) {
        DistributedLock locks = NativeLock.on(session, LockOptions.defaults().withAutoRenew(true));
        try {
            return locks.tryAcquire(name, options.ttl(), options.waitTime());
        } catch (RequestException e) {
            if (wait.end().isEmpty()) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private int notRun(StoppableWait wait) {
        return wait.end().map(Signals.Signal::exitCode).orElseThrow(() -> options.notAcquired(name));
    }

    private int runUnder(LockLease lease, StoppableWait wait) throws InterruptedException {
        try (lease) {
            Optional<ChildProcess> started = start(lease, wait);
            if (started.isEmpty()) {
                return notRun(wait);
            }
            Thread hook = new Thread(() -> started.get().endTree(killAfter), "balsa-lock-run-hook");
            Runtime.getRuntime().addShutdownHook(hook);
            lease.onLost(() -> onLost(started.get()));
            int exitCode = started.get().await();
            removeUnlessShuttingDown(hook);
            return isHeldToTheEnd(lease) ? exitCode : lost();
        }
    }

    private static void removeUnlessShuttingDown(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // SIGHUP ends this JVM, and it was the hook that ended the command.
            LOG.debug("the JVM ends while the command does", e);
        }
    }

    private synchronized Optional<ChildProcess> start(LockLease lease, StoppableWait wait) {
        if (wait.end().isEmpty()) {
            Map<String, String> environment =
                    Map.of("BALSA_LOCK_NAME", name, "BALSA_LOCK_TOKEN", Long.toString(lease.token()));
            child = Optional.of(ChildProcess.start(command, environment));
        }
        return child;
    }

    private synchronized void onSignal(Signals.Signal signal, StoppableWait wait) {
        child.ifPresentOrElse(running -> running.forward(signal), () -> wait.stop(signal));
    }

    /** On a thread of the lock's, which must not wait. */
    private void onLost(ChildProcess running) {
        output.note("lock '" + name + "' was lost; ending the command");
        Thread thread = new Thread(() -> running.endTree(killAfter), "balsa-lock-run-end");
        ending.set(thread);
        thread.start();
    }

    private int lost() throws InterruptedException {
        Thread thread = ending.get();
        if (thread == null) {
            output.note("lock '" + name + "' was lost before the command ended");
        } else {
            thread.join();
        }
        return ExitCode.LOCK_LOST.code();
    }

    /** The command may end by itself before this process, which may have been paused, is told that the lock is lost. */
    private boolean isHeldToTheEnd(LockLease lease) {
        if (ending.get() != null || !lease.isValid()) {
            return false;
        }
        try {
            return lease.release();
        } catch (SessionExpiredException e) {
            return false;
        } catch (RequestException e) {
            output.note("lock '" + name + "' could not be released, and runs out by itself: " + e.getMessage());
            return true;
        }
    }
}
