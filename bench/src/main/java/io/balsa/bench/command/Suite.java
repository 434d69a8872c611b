package io.balsa.bench.command;

import io.balsa.bench.FloorBenchmark;
import io.balsa.bench.OpenLoopBenchmark;
import io.balsa.bench.Products;
import io.balsa.bench.Window;
import io.balsa.bench.cluster.ClusterBenchmark;
import io.balsa.bench.growth.AllocationBenchmark;
import io.balsa.bench.growth.GroupsBenchmark;
import io.balsa.bench.growth.NodesBenchmark;
import io.balsa.bench.growth.ObjectsBenchmark;
import io.balsa.bench.growth.SmallHeapBenchmark;
import io.balsa.bench.lock.Backend;
import io.balsa.bench.lock.ContendedLockBenchmark;
import io.balsa.bench.lock.LockBenchmark;
import io.balsa.bench.lock.RenewalBenchmark;
import io.balsa.bench.parts.ApplyBenchmark;
import io.balsa.bench.parts.CodecBenchmark;
import io.balsa.bench.parts.ElectionBenchmark;
import io.balsa.bench.parts.FailoverBenchmark;
import io.balsa.bench.parts.LogBenchmark;
import io.balsa.bench.parts.LogReopenBenchmark;
import io.balsa.bench.parts.LogRollBenchmark;
import io.balsa.bench.parts.ReadBenchmark;
import io.balsa.bench.parts.SnapshotBenchmark;
import io.balsa.bench.replication.ReplicationProduct;
import io.balsa.bench.replication.Setting.Durability;
import io.balsa.bench.replication.Setting.Network;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Besides the comparison, in the order of a run: the floors of the machine, all products at fixed rates, what Balsa's parts
 * take, how it grows, what users get of a cluster, and locks of it beside those of other services.
 *
 * @param warmUpSeconds of each trial that is not of single shots
 * @param measuredSeconds of the same
 */
record Suite(List<SuiteTrial> trials, int warmUpSeconds, int measuredSeconds) {
    private static final String[] LOCK_BACKENDS =
            Stream.of(Backend.values()).map(Backend::name).toArray(String[]::new);

    /** The few that say most. */
    static Suite quick(Predicate<String> only) {
        List<Work> works = new ArrayList<>(floors());
        works.addAll(List.of(
                work("parts: append and sync", LogBenchmark.class, "appendAndSync")
                        .with("entries", "256")
                        .with("log", "SEGMENT", "FLOOR"),
                work("parts: apply acquireOrRelease", ApplyBenchmark.class, "acquireOrRelease")
                        .with("locks", "0"),
                work("parts: read", ReadBenchmark.class, "read")
                        .warmedUpAfterSeconds(1)
                        .with("durability", "FSYNC")
                        .with("outstanding", "256")
                        .with("consistency", "LINEARIZABLE"),
                work("parts: read", ReadBenchmark.class, "read")
                        .warmedUpAfterSeconds(1)
                        .with("durability", "FSYNC")
                        .with("outstanding", "1")
                        .with("consistency", "LEASE"),
                cluster().with("outstanding", "16").with("operation", "LOCK")));
        return new Suite(trials(works, only), 2, 3);
    }

    /** What targets are set for. */
    static Suite targets(Predicate<String> only) {
        List<Work> works = new ArrayList<>(floors());
        works.addAll(List.of(
                work("parts: append and sync", LogBenchmark.class, "appendAndSync")
                        .with("entries", "256")
                        .with("log", "SEGMENT", "CHRONICLE", "FLOOR"),
                work("parts: apply acquireOrRelease", ApplyBenchmark.class, "acquireOrRelease")
                        .afterSeconds(4)
                        .with("locks", "1000000"),
                work("parts: read", ReadBenchmark.class, "read")
                        .warmedUpAfterSeconds(1)
                        .with("durability", "FSYNC", "MEMORY")
                        .with("outstanding", "256")
                        .with("consistency", "LINEARIZABLE"),
                work("parts: read", ReadBenchmark.class, "read")
                        .warmedUpAfterSeconds(1)
                        .with("durability", "FSYNC")
                        .with("outstanding", "1")
                        .with("consistency", "LEASE"),
                nodes().with("nodes", "3", "5"),
                groups().with("groups", "1").with("outstanding", "256", "4096"),
                groups().with("groups", "100").with("outstanding", "256", "25600"),
                allocation().with("outstanding", "256"),
                smallHeap().with("follower", "RUNS", "CLOSED", "HELD"),
                uncontended("1", "256")));
        return new Suite(trials(works, only), 2, 4);
    }

    /** All of them. */
    static Suite usual(Predicate<String> only) {
        return new Suite(trials(all(), only), 5, 5);
    }

    /** All of them, for longer. */
    static Suite full(Predicate<String> only) {
        return new Suite(trials(all(), only), 10, 10);
    }

    private static List<Work> all() {
        List<Work> works = new ArrayList<>(floors());
        works.add(openLoop());
        works.addAll(parts());
        works.addAll(growth());
        works.add(cluster()
                .with("outstanding", "1", "16", "256")
                .with("operation", "LOCK", "PUT", "STRONG_GET", "LEASE_GET", "SESSION_GET", "LOCAL_GET"));
        works.addAll(locks());
        return works;
    }

    /** What the latencies of the products are compared with. */
    private static List<Work> floors() {
        List<Work> works = new ArrayList<>(List.of(
                work("floors: sync", FloorBenchmark.class, "sync")
                        .with("entries", "1", "256")
                        .with("files", "1", "3"),
                work("floors: round trip", FloorBenchmark.class, "roundTrip")));
        works.addAll(bandwidths());
        return works;
    }

    /** What the rates of large commands are compared with. */
    private static List<Work> bandwidths() {
        return List.of(
                work("floors: bandwidth of three files", FloorBenchmark.class, "writeBandwidth"),
                work("floors: bandwidth of loopback", FloorBenchmark.class, "loopbackBandwidth"));
    }

    /** All products in turn at rates that the slowest may not keep up with. */
    private static Work openLoop() {
        return work("open loop", OpenLoopBenchmark.class, "replicate")
                .warmedUpAfterSeconds(2)
                .with("durability", Durability.FSYNC.name())
                .with("network", Network.TCP.name())
                .with("rate", "1000", "5000", "20000", "100000")
                .with(
                        "product",
                        Products.all().stream()
                                .filter(new Cell(Durability.FSYNC, Network.TCP, 3, 1, 128)::isFor)
                                .map(ReplicationProduct::name)
                                .toArray(String[]::new));
    }

    private static List<Work> parts() {
        List<Work> works = new ArrayList<>();
        works.add(work("parts: append and sync", LogBenchmark.class, "appendAndSync")
                .with("entries", "1", "16", "256")
                .with("log", "SEGMENT", "SEGMENT_CACHED", "CHRONICLE", "FLOOR"));
        works.add(work("parts: reopen the log", LogReopenBenchmark.class, "reopen")
                .shots(5, 20)
                .with("entries", "1000000")
                .with("log", "SEGMENT", "CHRONICLE"));
        works.add(work("parts: roll to the next segment", LogRollBenchmark.class, "roll")
                .shots(10, 10)
                .with("log", "SEGMENT", "CHRONICLE"));
        for (String method : List.of("encodeAppendEntries", "decodeAppendEntries")) {
            works.add(work("parts: " + method, CodecBenchmark.class, method).with("entries", "1", "64"));
        }
        for (String method :
                List.of("encodeClientRequest", "decodeClientRequest", "encodeClientResponse", "decodeClientResponse")) {
            works.add(work("parts: " + method, CodecBenchmark.class, method));
        }
        for (String method : List.of("acquireOrRelease", "put")) {
            works.add(
                    work("parts: apply " + method, ApplyBenchmark.class, method).with("locks", "0", "1000000"));
        }
        for (String method : List.of("cut", "write", "install")) {
            works.add(work("parts: snapshot " + method, SnapshotBenchmark.class, method)
                    .shots(5, 15)
                    .with("megabytes", "100"));
        }
        works.add(work("parts: read", ReadBenchmark.class, "read")
                .warmedUpAfterSeconds(1)
                .with("durability", "FSYNC")
                .with("outstanding", "1", "256")
                .with("consistency", "LINEARIZABLE", "LEASE", "SESSION", "LOCAL"));
        works.add(work("parts: elect", ElectionBenchmark.class, "elect").shots(10, 15));
        works.add(work("parts: fail over", FailoverBenchmark.class, "failOver")
                .shots(10, 25)
                .with("end", "HANDOVER", "CLOSE", "CUT"));
        return works;
    }

    private static List<Work> growth() {
        return List.of(
                nodes().with("nodes", "1", "3", "5", "7"),
                groups().with("outstanding", "256").with("groups", "1", "10", "100"),
                // After the usual ones, which targets are about.
                work("growth: groups with logs of their own", GroupsBenchmark.class, "replicate")
                        .warmedUpLongAfterSeconds(4)
                        .with("outstanding", "256")
                        .with("durability", "FSYNC")
                        .with("log", "OWN")
                        .with("groups", "1", "10", "100"),
                allocation().with("outstanding", "1", "16", "256"),
                smallHeap().with("follower", "RUNS", "CLOSED", "HELD"),
                work("growth: objects", ObjectsBenchmark.class, "addOrRemove")
                        .afterSeconds(4)
                        .with("kind", "LOCKS", "SERVICES")
                        .with("objects", "1000", "10000", "100000", "1000000"));
    }

    private static Work cluster() {
        return work("cluster", ClusterBenchmark.class, "operate").warmedUpLongAfterSeconds(4);
    }

    private static Work nodes() {
        return work("growth: nodes", NodesBenchmark.class, "replicate")
                .warmedUpAfterSeconds(1)
                .with("outstanding", "256")
                .with("durability", "FSYNC", "MEMORY");
    }

    private static Work groups() {
        return work("growth: groups", GroupsBenchmark.class, "replicate")
                .warmedUpLongAfterSeconds(4)
                .with("log", "SHARED")
                .with("durability", "FSYNC", "MEMORY");
    }

    private static Work allocation() {
        return work("growth: allocation", AllocationBenchmark.class, "replicate")
                .warmedUpAfterSeconds(1)
                .with("durability", "FSYNC", "MEMORY");
    }

    /** A minute each, in which what piles up shows. */
    private static Work smallHeap() {
        return work("growth: small heap", SmallHeapBenchmark.class, "replicate")
                .warmedUpAfterSeconds(6)
                .measuredFor(60);
    }

    /** All services in turn. */
    private static List<Work> locks() {
        return List.of(
                uncontended("1", "16", "256"),
                work("locks: contended", ContendedLockBenchmark.class, "acquireAndRelease")
                        .warmedUpLongAfterSeconds(6)
                        .with("clients", "16")
                        .with("backend", LOCK_BACKENDS),
                work("locks: renew", RenewalBenchmark.class, "renew")
                        .warmedUpLongAfterSeconds(6)
                        .with("outstanding", "1", "16", "256")
                        .with("backend", LOCK_BACKENDS));
    }

    private static Work uncontended(String... outstanding) {
        return work("locks: acquire and release", LockBenchmark.class, "acquireAndRelease")
                .warmedUpLongAfterSeconds(6)
                .with("outstanding", outstanding)
                .with("backend", LOCK_BACKENDS);
    }

    /** One method of a benchmark at many settings. */
    private record Work(
            String name,
            Class<?> benchmark,
            String method,
            int shots,
            int setUpSeconds,
            int ownSeconds,
            Map<String, List<String>> parameters) {
        /** The parameter that is added last changes first: so what it compares is measured side by side. */
        Work with(String parameter, String... values) {
            Map<String, List<String>> more = new LinkedHashMap<>(parameters);
            more.put(parameter, List.of(values));
            return new Work(name, benchmark, method, shots, setUpSeconds, ownSeconds, more);
        }

        /** @param seconds of all shots together, with what comes before */
        Work shots(int count, int seconds) {
            return new Work(name, benchmark, method, count, seconds, ownSeconds, parameters);
        }

        /** @param seconds until there is something to measure */
        Work afterSeconds(int seconds) {
            return new Work(name, benchmark, method, shots, seconds, ownSeconds, parameters);
        }

        /** @param seconds of measurement, however long others are measured */
        Work measuredFor(int seconds) {
            return new Work(name, benchmark, method, shots, setUpSeconds, seconds, parameters);
        }

        /** @param seconds until there is something to warm up with */
        Work warmedUpAfterSeconds(int seconds) {
            return afterSeconds(seconds + (int) Window.warmUpSeconds());
        }

        /** The same where the warm-up is {@link Window#warmUpLong}. */
        Work warmedUpLongAfterSeconds(int seconds) {
            return afterSeconds(seconds + (int) Window.longWarmUpSeconds());
        }

        List<SuiteTrial> trials() {
            List<Map<String, String>> settings = List.of(Map.of());
            for (Map.Entry<String, List<String>> parameter : parameters.entrySet()) {
                List<Map<String, String>> wider = new ArrayList<>();
                for (Map<String, String> setting : settings) {
                    for (String value : parameter.getValue()) {
                        Map<String, String> one = new LinkedHashMap<>(setting);
                        one.put(parameter.getKey(), value);
                        wider.add(one);
                    }
                }
                settings = wider;
            }
            return settings.stream()
                    .map(setting -> new SuiteTrial(name, benchmark, method, setting, shots, setUpSeconds, ownSeconds))
                    .toList();
        }
    }

    private static Work work(String name, Class<?> benchmark, String method) {
        return new Work(name, benchmark, method, 0, 0, 0, Map.of());
    }

    private static List<SuiteTrial> trials(List<Work> works, Predicate<String> only) {
        return works.stream()
                .flatMap(work -> work.trials().stream())
                .filter(trial -> only.test(trial.name()))
                .toList();
    }

    /** What the trials from one on take. */
    long secondsFrom(int first) {
        return trials.subList(first, trials.size()).stream()
                .mapToLong(trial -> trial.seconds(warmUpSeconds, measuredSeconds))
                .sum();
    }
}
