package io.balsa.bench.report;

import io.balsa.bench.FloorBenchmark;
import io.balsa.bench.replication.Setting.Durability;
import io.balsa.bench.replication.Setting.Network;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What a plain program takes on the machine for what products need too, as far as it was measured in the run. */
final class Floors {
    private static final String ALL_FILES = "3";
    private static final String WRITTEN = "writeBandwidth";
    private static final String SENT = "loopbackBandwidth";
    private static final double MICROS_PER_SECOND = 1e6;

    private final List<Measurement> means;

    Floors(RunRecord run) {
        this.means = run.meansOf(RunRecord.FLOOR);
    }

    /** What was measured, and what to call it. */
    record Floor(String label, Measurement measurement) {
        /** How many bytes a second each file or receiver takes; empty if it is about the time of a few bytes. */
        Optional<Double> bytesPerSecond() {
            return switch (measurement.trial().method()) {
                case WRITTEN -> Optional.of(FloorBenchmark.WRITTEN_BYTES * perSecond());
                case SENT -> Optional.of(FloorBenchmark.SENT_BYTES * perSecond());
                default -> Optional.empty();
            };
        }

        private double perSecond() {
            return MICROS_PER_SECOND / measurement.score().value();
        }
    }

    List<Floor> all() {
        return means.stream().map(Floors::named).toList();
    }

    private static Floor named(Measurement measurement) {
        Trial trial = measurement.trial();
        if (trial.method().equals("roundTrip")) {
            return new Floor("TCP round trip", measurement);
        }
        if (trial.method().equals(WRITTEN)) {
            return new Floor("256 KiB to each of 3 files, synced", measurement);
        }
        if (trial.method().equals(SENT)) {
            return new Floor("256 KiB to each of 2 receivers, TCP", measurement);
        }
        String files = trial.parameter("files");
        String entries = trial.parameter("entries");
        return new Floor(
                "sync of " + files + (files.equals("1") ? " file" : " files")
                        + (entries.equals("1") ? "" : ", " + entries + " entries"),
                measurement);
    }

    /** Those below latencies in an environment; a sync is of as many entries as could be in a batch. */
    List<Floor> below(Environment environment, int outstanding) {
        List<Floor> floors = new ArrayList<>();
        if (environment.durability() == Durability.FSYNC) {
            sync(ALL_FILES, outstanding).ifPresent(floors::add);
            sync("1", outstanding).ifPresent(floors::add);
        }
        if (environment.network() == Network.TCP) {
            roundTrip().ifPresent(floors::add);
        }
        return floors;
    }

    private Optional<Floor> sync(String files, int entriesAtMost) {
        return means.stream()
                .filter(mean -> mean.trial().method().equals("sync")
                        && mean.trial().parameter("files").equals(files)
                        && entriesOf(mean) <= entriesAtMost)
                .max(Comparator.comparingInt(Floors::entriesOf))
                .map(Floors::named);
    }

    private static int entriesOf(Measurement sync) {
        return Integer.parseInt(sync.trial().parameter("entries"));
    }

    private Optional<Floor> roundTrip() {
        return means.stream()
                .filter(mean -> mean.trial().method().equals("roundTrip"))
                .findFirst()
                .map(Floors::named);
    }

    /** What a plain program would take for a durable command over TCP, the sync of all files and a round trip: the sum of the medians. */
    Optional<Double> durableMedianMicros() {
        return sync(ALL_FILES, 1).flatMap(sync -> roundTrip()
                .map(trip -> sync.measurement().latencyMicros("p50")
                        + trip.measurement().latencyMicros("p50")));
    }

    /** So many bytes a second does each of three files take that are written and synced at the same time. */
    Optional<Double> writtenBytesPerSecond() {
        return bytesPerSecond(WRITTEN);
    }

    /** So many bytes a second does each of two receivers get from one sender over loopback. */
    Optional<Double> sentBytesPerSecond() {
        return bytesPerSecond(SENT);
    }

    private Optional<Double> bytesPerSecond(String method) {
        return means.stream()
                .filter(mean -> mean.trial().method().equals(method))
                .findFirst()
                .flatMap(mean -> named(mean).bytesPerSecond());
    }
}
