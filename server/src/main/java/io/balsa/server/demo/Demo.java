package io.balsa.server.demo;

import io.balsa.raft.client.RequestException;
import io.balsa.raft.port.NodeStatus;
import io.balsa.statemachine.session.Session;
import io.balsa.statemachine.session.SessionOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Runs the demo on a prepared cluster: load, two kills of the leader, and the checks at the end. */
final class Demo {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration DOWN_TIME = Duration.ofSeconds(3);
    private static final Duration CATCH_UP_TIMEOUT = Duration.ofSeconds(20);
    private static final long POLL_MILLIS = 200;
    private static final double[] KILLS = {0.25, 0.6};
    private static final int BAR_LENGTH = 20;

    private final DemoCluster cluster;
    private final Terminal terminal;
    private final Path counterFile;
    private final int workerCount;
    private final Duration duration;
    private final List<Failover> failovers = new ArrayList<>();

    Demo(DemoCluster cluster, Terminal terminal, Path counterFile, int workerCount, Duration duration) {
        this.cluster = cluster;
        this.terminal = terminal;
        this.counterFile = counterFile;
        this.workerCount = workerCount;
        this.duration = duration;
    }

    /** Runs it to the end. */
    DemoReport run() throws IOException, InterruptedException {
        startCluster();
        GuardedCounter.create(counterFile);
        try (Workers workers = new Workers(workerCount, cluster.addresses(), counterFile);
                ServiceTraffic services = new ServiceTraffic(cluster.addresses());
                Session probe = Session.connect(
                        cluster.addresses(),
                        SessionOptions.builder().clientName("demo-probe").build())) {
            long began = System.nanoTime();
            workers.start();
            for (double kill : KILLS) {
                watchUntil(began + (long) (duration.toNanos() * kill), began, workers);
                killLeader(probe, began, workers);
            }
            workers.activeSinceLastCall();
            watchUntil(began + duration.toNanos(), began, workers);
            int active = workers.activeSinceLastCall();
            workers.stop();
            double seconds = secondsSince(began);
            terminal.progress("checking: the counter, the watcher, and whether the nodes agree");
            return report(workers, active, services, seconds);
        }
    }

    private void startCluster() throws InterruptedException {
        long began = System.nanoTime();
        terminal.progress("starting three nodes, each a process of its own");
        cluster.startAll();
        await("the cluster did not elect a leader", START_TIMEOUT, () -> {
            cluster.names().forEach(cluster::checkAlive);
            return cluster.leader().isPresent();
        });
        terminal.line(String.format(
                "Three nodes serve on %s; %s leads after %s.",
                cluster.addresses(), cluster.leader().orElse("one of them"), DemoReport.seconds(secondsSince(began))));
        terminal.line(
                String.format("%d clients now take turns at one lock that guards a counter in a file.", workerCount));
    }

    private void killLeader(Session probe, long began, Workers workers) throws InterruptedException {
        String leader = cluster.leader().orElseThrow(() -> new DemoFailure("the cluster has no leader to kill"));
        long killed = System.nanoTime();
        cluster.kill(leader);
        double seconds = untilWritten(probe, killed);
        failovers.add(new Failover(leader, seconds));
        terminal.line(String.format(
                "%4.0f s  kill -9 of the leader %s; %s leads and writes after %s",
                secondsSince(began), leader, cluster.leader().orElse("another node"), DemoReport.seconds(seconds)));
        watchUntil(killed + DOWN_TIME.toNanos(), began, workers);
        cluster.start(leader);
        terminal.line(String.format("%4.0f s  %s is started again", secondsSince(began), leader));
    }

    /** The seconds from the kill until a write that was sent after it is acknowledged. */
    private double untilWritten(Session probe, long killed) {
        while (true) {
            try {
                probe.keyValues().put("demo/probe", "after " + failovers.size());
                return secondsSince(killed);
            } catch (RequestException e) {
                if (secondsSince(killed) > START_TIMEOUT.toSeconds()) {
                    throw new DemoFailure("no write succeeded after the leader was killed: " + e.getMessage(), e);
                }
            }
        }
    }

    private void watchUntil(long deadline, long began, Workers workers) throws InterruptedException {
        while (System.nanoTime() < deadline) {
            double share = Math.min(1, secondsSince(began) / duration.toSeconds());
            int filled = (int) (share * BAR_LENGTH);
            terminal.progress(String.format(
                    "[%s%s] %2.0f/%d s  %s rounds",
                    "#".repeat(filled),
                    "-".repeat(BAR_LENGTH - filled),
                    secondsSince(began),
                    duration.toSeconds(),
                    DemoReport.count(workers.rounds())));
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    private DemoReport report(Workers workers, int active, ServiceTraffic services, double seconds)
            throws IOException, InterruptedException {
        GuardedCounter.Content content;
        try (GuardedCounter counter = GuardedCounter.open(counterFile)) {
            content = counter.read();
        }
        Histogram micros = workers.roundMicros();
        DemoReport report = new DemoReport();
        report.check("rounds: acquire, read, write, release", DemoReport.count(workers.rounds()), workers.rounds() > 0);
        long lost = workers.rounds() - content.counter();
        report.check("lost updates", DemoReport.count(lost), lost == 0);
        report.check("tokens strictly growing", workers.staleTokens() == 0 ? "yes" : "no", workers.staleTokens() == 0);
        report.check("clients that went on after the last kill", active + " of " + workerCount, active == workerCount);
        for (Failover failover : failovers) {
            report.figure("failover after kill -9 of " + failover.leader, DemoReport.seconds(failover.seconds));
        }
        report.figure(
                "acquire+release per second, failovers included",
                DemoReport.count(Math.round(workers.rounds() / seconds)));
        report.figure(
                "acquire+release, p50 of " + workerCount + " contending clients",
                DemoReport.millis(micros.getValueAtPercentile(50)));
        report.figure("acquire+release, p99", DemoReport.millis(micros.getValueAtPercentile(99)));
        report.figure("rounds given up, the lock being uncertain", DemoReport.count(workers.abandonedRounds()));
        report.figure("requests that failed and were tried again", DemoReport.count(workers.failedRequests()));
        if (workers.failedRequests() > 0) {
            report.note("the last: " + workers.lastFailure());
        }
        long changes = services.eventCount();
        String missed = services.stopAndCompare();
        report.check(
                "changes of services that the watcher heard of",
                DemoReport.count(changes),
                missed.isEmpty() && changes > 0);
        if (!missed.isEmpty()) {
            report.note(missed);
        }
        reportAgreement(report);
        return report;
    }

    private void reportAgreement(DemoReport report) throws InterruptedException {
        boolean agree = poll(CATCH_UP_TIMEOUT, () -> {
            List<Long> applied = cluster.names().stream()
                    .flatMap(name -> cluster.status(name).stream())
                    .map(NodeStatus::lastApplied)
                    .toList();
            return applied.size() == cluster.names().size()
                    && applied.stream().distinct().count() == 1;
        });
        Optional<NodeStatus> status = cluster.status(cluster.names().get(0));
        report.check(
                "all three nodes have applied the log up to",
                status.map(node -> DemoReport.count(node.lastApplied())).orElse("?"),
                agree);
    }

    private void await(String failure, Duration timeout, Condition condition) throws InterruptedException {
        if (!poll(timeout, condition)) {
            throw new DemoFailure(failure + " within " + timeout.toSeconds() + " s");
        }
    }

    private boolean poll(Duration timeout, Condition condition) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
        return true;
    }

    private static double secondsSince(long nanos) {
        return (System.nanoTime() - nanos) / 1e9;
    }

    private record Failover(String leader, double seconds) {}

    private interface Condition {
        boolean holds();
    }
}
