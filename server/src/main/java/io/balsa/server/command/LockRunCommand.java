package io.balsa.server.command;

import io.balsa.lock.LockLease;
import io.balsa.lock.LockOptions;
import io.balsa.lock.NativeLock;
import io.balsa.raft.client.RequestException;
import io.balsa.server.ExitCode;
import io.balsa.statemachine.session.Session;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
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
            "If the lock is lost, the command and whatever it started get SIGTERM, and SIGKILL after --kill-after. SIGINT"
                    + " and SIGTERM are handed to the command. Ends with the code of the command, or one of Balsa's own,"
                    + " which are 80 and above."
        })
final class LockRunCommand implements Callable<Integer> {
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
    private Optional<Signals.Signal> earlySignal = Optional.empty();
    private Optional<ChildProcess> child = Optional.empty();

    private final AtomicReference<Thread> ending = new AtomicReference<>();

    @SuppressWarnings("try") // what is opened works while the block runs
    @Override
    public Integer call() throws InterruptedException {
        Thread caller = Thread.currentThread();
        try (Signals signals = Signals.handle(signal -> onSignal(signal, caller));
                Session session = cluster.connect(options.ttl())) {
            NativeLock locks = NativeLock.on(session, LockOptions.defaults().withAutoRenew(true));
            Optional<LockLease> lease = locks.tryAcquire(name, options.ttl(), options.waitTime());
            if (lease.isEmpty() && earlySignal().isEmpty()) {
                throw options.notAcquired(name);
            }
            return lease.isPresent() ? runUnder(lease.get()) : endedEarly();
        } catch (RequestException e) {
            if (earlySignal().isPresent()) {
                return endedEarly();
            }
            throw e;
        }
    }

    private int runUnder(LockLease lease) throws InterruptedException {
        try (lease) {
            Optional<ChildProcess> started = start(lease);
            if (started.isEmpty()) {
                return endedEarly();
            }
            Thread hook = new Thread(() -> started.get().endTree(killAfter), "balsa-lock-run-hook");
            Runtime.getRuntime().addShutdownHook(hook);
            lease.onLost(() -> onLost(started.get()));
            int exitCode = started.get().await();
            Runtime.getRuntime().removeShutdownHook(hook);
            return isHeldToTheEnd(lease) ? exitCode : lost();
        }
    }

    private synchronized Optional<ChildProcess> start(LockLease lease) {
        if (earlySignal.isEmpty()) {
            Map<String, String> environment =
                    Map.of("BALSA_LOCK_NAME", name, "BALSA_LOCK_TOKEN", Long.toString(lease.token()));
            child = Optional.of(ChildProcess.start(command, environment));
        }
        return child;
    }

    private synchronized void onSignal(Signals.Signal signal, Thread caller) {
        if (child.isPresent()) {
            child.get().forward(signal);
        } else {
            earlySignal = Optional.of(signal);
            caller.interrupt();
        }
    }

    private synchronized Optional<Signals.Signal> earlySignal() {
        return earlySignal;
    }

    /** A signal came while we waited for the lock: the command never runs. */
    private int endedEarly() {
        // What is left to do, such as closing the session, must not see the interrupt.
        Thread.interrupted();
        return earlySignal().orElseThrow().exitCode();
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

    private boolean isHeldToTheEnd(LockLease lease) {
        if (ending.get() != null) {
            return false;
        }
        try {
            return lease.release();
        } catch (RequestException e) {
            output.note("lock '" + name + "' could not be released, and runs out by itself: " + e.getMessage());
            return true;
        }
    }
}
