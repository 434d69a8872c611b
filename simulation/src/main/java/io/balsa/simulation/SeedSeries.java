package io.balsa.simulation;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Runs many seeds on several threads, each seed twice: what comes of it must be the same, or nobody could replay it. Ends at
 * the first seed that breaks something.
 */
public final class SeedSeries {
    private static final int TAIL_LINES = 40;

    private final SimulationOptions options;
    private final long fromSeed;
    private final long seeds;
    private final long deadlineNanos;
    private final long startNanos;
    private final AtomicLong next;
    private final Thread[] running;
    private final Consumer<SimulationResult> listener;
    private final Map<Fault, Long> faults = new EnumMap<>(Fault.class);
    private Optional<SimulationResult> failure = Optional.empty();
    private Optional<IllegalStateException> crash = Optional.empty();
    private boolean stopped;
    private long passed;
    private long simulatedNanos;
    private long operations;
    private long committedEntries;

    /**
     * How far a series is.
     *
     * @param passed seeds that broke nothing
     * @param seeds how many there are to be run at most
     * @param simulatedNanos of all runs together, the second of each seed included
     * @param wallNanos since the beginning
     * @param operations of clients that succeeded, of the first runs
     * @param committedEntries of the first runs
     * @param faults that were injected in the first runs, by kind
     * @param failure what broke, with the last lines of its trace
     */
    public record Progress(
            long passed,
            long seeds,
            long simulatedNanos,
            long wallNanos,
            long operations,
            long committedEntries,
            Map<Fault, Long> faults,
            Optional<SimulationResult> failure) {
        /** Simulated time in one unit of real time. */
        public double speed() {
            return wallNanos == 0 ? 0 : (double) simulatedNanos / wallNanos;
        }
    }

    private SeedSeries(
            SimulationOptions options,
            long fromSeed,
            long seeds,
            Optional<Duration> longest,
            int threads,
            Consumer<SimulationResult> listener) {
        this.options = options;
        this.listener = listener;
        this.fromSeed = fromSeed;
        this.seeds = seeds;
        this.running = new Thread[threads];
        this.startNanos = System.nanoTime();
        this.deadlineNanos = startNanos + longest.map(Duration::toNanos).orElse(Long.MAX_VALUE / 2);
        this.next = new AtomicLong(fromSeed);
    }

    /** Begins to run seeds. Whoever begins must {@link #await} the end. */
    public static SeedSeries begin(
            SimulationOptions options, long fromSeed, long seeds, Optional<Duration> longest, int threads) {
        return begin(options, fromSeed, seeds, longest, threads, result -> {});
    }

    /**
     * Begins to run seeds. Whoever begins must {@link #await} the end.
     *
     * @param longest no seed begins after this time
     * @param listener told what came of each seed, on the threads that run them, several at a time
     */
    public static SeedSeries begin(
            SimulationOptions options,
            long fromSeed,
            long seeds,
            Optional<Duration> longest,
            int threads,
            Consumer<SimulationResult> listener) {
        SeedSeries series = new SeedSeries(options, fromSeed, seeds, longest, threads, listener);
        series.start();
        return series;
    }

    /** Lets no more seeds begin; those that are being run go on to their end. */
    public synchronized void stop() {
        stopped = true;
    }

    private void start() {
        for (int i = 0; i < running.length; i++) {
            running[i] = new Thread(this::runSeeds, "balsa-simulation-" + i);
            running[i].setDaemon(true);
            running[i].start();
        }
    }

    private void runSeeds() {
        while (goesOn()) {
            long seed = next.getAndIncrement();
            if (seed - fromSeed >= seeds) {
                return;
            }
            run(seed);
        }
    }

    private synchronized boolean goesOn() {
        return !stopped && failure.isEmpty() && crash.isEmpty() && deadlineNanos - System.nanoTime() > 0;
    }

    private void run(long seed) {
        try {
            SimulationResult first = Simulator.run(seed, options);
            SimulationResult second = Simulator.run(seed, options);
            if (first.comparedWith(second).passed()) {
                count(first, second);
                listener.accept(first);
                return;
            }
            // Once more, for people to read. The first run made no lines, for that takes time.
            SimulationResult readable = Simulator.run(seed, options.withTailLines(TAIL_LINES));
            SimulationResult failed = readable.comparedWith(first).comparedWith(second);
            fail(failed);
            listener.accept(failed);
        } catch (RuntimeException | Error trouble) {
            crash(seed, trouble);
        }
    }

    private synchronized void count(SimulationResult first, SimulationResult second) {
        passed++;
        simulatedNanos += first.simulatedNanos() + second.simulatedNanos();
        operations += first.operations();
        committedEntries += first.committedEntries();
        first.faults().forEach((fault, times) -> faults.merge(fault, times, Long::sum));
    }

    private synchronized void fail(SimulationResult result) {
        if (failure.isEmpty() || failure.get().seed() > result.seed()) {
            failure = Optional.of(result);
        }
    }

    private synchronized void crash(long seed, Throwable failed) {
        crash = Optional.of(new IllegalStateException(
                "the simulator itself failed on seed " + seed + "; to see how, run: balsa simulate --replay " + seed,
                failed));
    }

    /** How things stand. */
    public synchronized Progress progress() {
        return new Progress(
                passed,
                seeds,
                simulatedNanos,
                System.nanoTime() - startNanos,
                operations,
                committedEntries,
                new EnumMap<>(faults),
                failure);
    }

    /**
     * Waits for the end.
     *
     * @return whether it has come
     */
    public boolean await(Duration longest) throws InterruptedException {
        long end = System.nanoTime() + longest.toNanos();
        for (Thread thread : running) {
            TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, end - System.nanoTime()));
            if (thread.isAlive()) {
                return false;
            }
        }
        rethrow();
        return true;
    }

    private synchronized void rethrow() {
        if (crash.isPresent()) {
            throw crash.get();
        }
    }
}
