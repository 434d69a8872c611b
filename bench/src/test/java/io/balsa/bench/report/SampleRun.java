package io.balsa.bench.report;

import io.balsa.bench.replication.Setting.Durability;
import io.balsa.bench.replication.Setting.Network;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;

/** A run as it could have been: two rounds, three environments, one failure, one product that was not asked. */
final class SampleRun {
    static final Environment DURABLE = new Environment(Durability.FSYNC, Network.TCP);
    static final Environment MEMORY_TCP = new Environment(Durability.MEMORY, Network.TCP);
    static final Environment MEMORY_JVM = new Environment(Durability.MEMORY, Network.SAME_JVM);
    static final List<Environment> ENVIRONMENTS = List.of(DURABLE, MEMORY_TCP, MEMORY_JVM);

    /** Operations per second with 1, 16 and 256 under way, durable over TCP; there is none where it failed or was not asked. */
    private static final Map<String, List<Integer>> RATES = new LinkedHashMap<>();

    static {
        RATES.put("balsa", List.of(5_100, 68_000, 690_000));
        RATES.put("balsa-chronicle", List.of(2_000, 21_000, 190_000));
        RATES.put("jgroups-raft", List.of(3_800, 43_000, 411_000));
        RATES.put("sofa-jraft", List.of(2_400, 27_000, 153_000));
        RATES.put("ratis", List.of(1_000, 5_000));
        RATES.put("aeron-cluster", List.of(1_800, 21_000, 144_000));
    }

    static final String FAILURE = "no leader within 60 s & <none> \"later\", see a\u0000.log";

    private final List<Measurement> measurements = new ArrayList<>();

    private SampleRun() {}

    static RunRecord record() {
        SampleRun sample = new SampleRun();
        for (int round = 1; round <= 2; round++) {
            sample.compare(1 + 0.04 * round);
        }
        sample.addFloors();
        sample.addOpenLoop();
        sample.addGrowth();
        return new RunRecord(
                conditions(0.1, 0),
                products(),
                sample.measurements,
                List.of(new Failure(
                        new Trial(RunRecord.REPLICATION, "replicate", replication("ratis", DURABLE, 256)), FAILURE)));
    }

    static Conditions conditions(double load, double stolen) {
        return new Conditions(
                ZonedDateTime.of(2026, 11, 23, 8, 0, 0, 0, ZoneOffset.UTC),
                Duration.ofMinutes(9),
                "balsa bench --only '<a&b>'",
                "Two rounds.",
                new Machine("A Processor @ 3 GHz", 2, 8L << 30, "Linux 6.1, amd64", "ext4 (/dev/vda)", load),
                OptionalDouble.of(stolen),
                new SourceTree(Optional.of("0123456789abcdef"), true),
                "OpenJDK 64-Bit Server VM 17.0.15",
                Map.of(RunRecord.REPLICATION, List.of("-Xms1g", "-Xmx1g"), RunRecord.FLOOR, List.of()));
    }

    static List<Product> products() {
        List<Product> products = new ArrayList<>();
        RATES.keySet()
                .forEach(name -> products.add(new Product(
                        name,
                        "1.0",
                        "As its <documents> say.",
                        name.equals("balsa")
                                ? Set.copyOf(ENVIRONMENTS)
                                : name.equals("balsa-chronicle") ? Set.of(DURABLE) : Set.of(DURABLE, MEMORY_TCP))));
        products.add(new Product("zookeeper", "3", "Three servers.", Set.of(DURABLE, MEMORY_TCP)));
        products.add(new Product("microraft", "0.7", "In memory.", Set.of(MEMORY_JVM)));
        return products;
    }

    private void compare(double factor) {
        int[] counts = {1, 16, 256};
        RATES.forEach((product, rates) -> {
            for (int i = 0; i < rates.size(); i++) {
                addReplication(product, DURABLE, counts[i], rates.get(i) * factor);
                if (!product.equals("balsa-chronicle")) {
                    addReplication(product, MEMORY_TCP, counts[i], rates.get(i) * factor * 2.6);
                }
            }
        });
        for (int i = 0; i < counts.length; i++) {
            addReplication("balsa", MEMORY_JVM, counts[i], 40_000 * (1 + 30 * i) * factor);
            addReplication("microraft", MEMORY_JVM, counts[i], 24_000 * (1 + 35 * i) * factor);
        }
    }

    static Map<String, String> replication(String product, Environment environment, int outstanding) {
        return new TreeMap<>(Map.of(
                "product",
                product,
                "durability",
                environment.durability().name(),
                "network",
                environment.network().name(),
                "nodes",
                "3",
                "outstanding",
                String.valueOf(outstanding),
                "payloadBytes",
                "128"));
    }

    private void addReplication(String product, Environment environment, int outstanding, double rate) {
        add(
                RunRecord.REPLICATION,
                "replicate",
                replication(product, environment, outstanding),
                new Figure(rate, "ops/s"),
                latencies(outstanding * 1e6 / rate));
    }

    private void add(
            String benchmark,
            String method,
            Map<String, String> parameters,
            Figure score,
            Map<String, Figure> further) {
        measurements.add(new Measurement(new Trial(benchmark, method, parameters), score, further));
    }

    private static Map<String, Figure> latencies(double medianMicros) {
        Map<String, Figure> latencies = new LinkedHashMap<>();
        latencies.put("p50", new Figure(medianMicros, "us"));
        latencies.put("p90", new Figure(medianMicros * 1.4, "us"));
        latencies.put("p99", new Figure(medianMicros * 2.6, "us"));
        latencies.put("p99.9", new Figure(medianMicros * 7, "us"));
        latencies.put("max", new Figure(medianMicros * 40, "us"));
        return latencies;
    }

    private void addFloors() {
        for (String entries : List.of("1", "256")) {
            for (String files : List.of("1", "3")) {
                double micros = 60 + 26 * Integer.parseInt(files) + Integer.parseInt(entries) / 8.0;
                add(
                        RunRecord.FLOOR,
                        "sync",
                        new TreeMap<>(Map.of("entries", entries, "files", files)),
                        new Figure(micros, "us/op"),
                        latencies(micros));
            }
        }
        add(RunRecord.FLOOR, "roundTrip", Map.of(), new Figure(55, "us/op"), latencies(54));
    }

    private void addOpenLoop() {
        for (String rate : List.of("1000", "20000")) {
            for (String product : List.of("balsa", "ratis")) {
                add(
                        RunRecord.OPEN_LOOP,
                        "replicate",
                        new TreeMap<>(Map.of("product", product, "rate", rate)),
                        new Figure(Double.parseDouble(rate), "ops/s"),
                        latencies(product.equals("balsa") ? 300 : 2_000));
            }
        }
    }

    private void addGrowth() {
        for (String kind : List.of("LOCKS", "SERVICES")) {
            for (int objects = 1_000; objects <= 1_000_000; objects *= 10) {
                add(
                        "ObjectsBenchmark",
                        "addOrRemove",
                        new TreeMap<>(Map.of("kind", kind, "objects", String.valueOf(objects))),
                        new Figure(300 + Math.log10(objects) * (kind.equals("LOCKS") ? 60 : 95), "ns/op"),
                        Map.of("bytesPerObject", new Figure(kind.equals("LOCKS") ? 280 : 340, "B")));
            }
        }
        for (String log : List.of("SEGMENT", "CHRONICLE", "FLOOR")) {
            for (int entries : List.of(1, 16, 256)) {
                double micros = (60 + entries / 4.0) * (log.equals("CHRONICLE") ? 3 : log.equals("FLOOR") ? 0.8 : 1);
                add(
                        "LogBenchmark",
                        "appendAndSync",
                        new TreeMap<>(Map.of("log", log, "entries", String.valueOf(entries))),
                        new Figure(micros, "us/op"),
                        latencies(micros));
            }
        }
        add("ElectionBenchmark", "elect", Map.of(), new Figure(212, "ms/op"), Map.of());
    }
}
