package io.balsa.simulation;

import io.balsa.raft.node.DutyCycle;
import io.balsa.raft.node.DutySlot;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Runs a duty of a simulated process in simulated time: it wakes up a little late, and stands still when the process does. */
final class VirtualDuty implements DutySlot {
    /** A duty that is never done stops here, so that time goes on. */
    private static final int MAX_ROUNDS = 64;

    /** What a duty may want to know of its surroundings. */
    interface Host {
        boolean isGone();

        /** Until when the process stands still, in the world's time; in the past if it does not. */
        long pausedUntilNanos();

        SimulatedClock clock();

        /** How long a round of this duty takes, or what it waits for takes. */
        long latencyNanos(String duty, SplittableRandom random);

        /** A duty has done a round. */
        void ran(String duty);
    }

    private final World world;
    private final Host host;
    private final String name;
    private final SplittableRandom random;
    private DutyCycle duty;
    private Consumer<Throwable> onFailure;
    private World.Event wakeUp;
    private World.Event timer;
    private long timerNanos = Long.MAX_VALUE;
    private boolean signalled;
    private boolean running;
    private boolean stopping;
    private boolean ended;

    VirtualDuty(World world, Host host, String name, SplittableRandom random) {
        this.world = world;
        this.host = host;
        this.name = name;
        this.random = random;
    }

    @Override
    public void start(DutyCycle started, Consumer<Throwable> failureListener) {
        duty = started;
        onFailure = failureListener;
        signalled = true;
        wake(() -> {
            duty.onStart();
            work();
        });
    }

    @Override
    public void signal() {
        signalled = true;
        if (duty != null && !running && wakeUp == null && !ended) {
            wake(this::work);
        }
    }

    @Override
    public void stop() {
        stopping = true;
        signal();
    }

    @Override
    public boolean join(long millis) {
        if (duty != null && !running) {
            end();
        }
        return !running;
    }

    @Override
    public boolean isCurrent() {
        return running;
    }

    private void wake(Runnable work) {
        wakeUp = world.after(host.latencyNanos(name, random), () -> round(work));
    }

    private void round(Runnable work) {
        wakeUp = null;
        if (ended || running || host.isGone()) {
            return;
        }
        if (host.pausedUntilNanos() > world.nowNanos()) {
            wakeUp = world.at(host.pausedUntilNanos() + random.nextLong(1, 100_000), () -> round(work));
            return;
        }
        running = true;
        try {
            work.run();
        } catch (PowerLoss gone) {
            ended = true;
        } catch (InvariantBroken broken) {
            throw broken;
        } catch (Throwable failure) {
            if (world.violation().isEmpty()) {
                onFailure.accept(failure);
                stopping = true;
            }
        } finally {
            running = false;
        }
        if (ended || host.isGone()) {
            ended = true;
        } else if (stopping) {
            end();
        } else {
            host.ran(name);
            rest();
        }
    }

    private void work() {
        signalled = false;
        int rounds = 0;
        while (!stopping && rounds < MAX_ROUNDS && duty.doWork() != 0) {
            rounds++;
        }
        signalled |= rounds == MAX_ROUNDS;
    }

    private void rest() {
        if (signalled) {
            wake(this::work);
            return;
        }
        long idleNanos = duty.idleNanos();
        if (idleNanos == Long.MAX_VALUE) {
            return;
        }
        long dueNanos = world.nowNanos() + host.clock().worldNanosAfter(idleNanos);
        if (timer != null && timerNanos <= dueNanos && timerNanos > world.nowNanos()) {
            return; // It rings too early, and sees then for how much longer it may rest.
        }
        if (timer != null) {
            timer.cancel();
        }
        timerNanos = dueNanos;
        timer = world.at(dueNanos, this::onTimer);
    }

    private void onTimer() {
        timer = null;
        if (!ended && !running && wakeUp == null) {
            round(this::work);
        }
    }

    private void end() {
        if (ended) {
            return;
        }
        ended = true;
        try {
            duty.onClose();
        } catch (RuntimeException failure) {
            onFailure.accept(failure);
        }
    }
}
