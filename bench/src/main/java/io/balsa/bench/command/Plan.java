package io.balsa.bench.command;

import io.balsa.bench.Window;
import io.balsa.bench.replication.ReplicationProduct;
import io.balsa.bench.replication.Setting.Durability;
import io.balsa.bench.replication.Setting.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What a run measures, and in which order: in each round each cell, and in each cell one product after the other, so that
 * what changes on the machine in the meantime meets them all.
 *
 * @param warmUpSeconds of each trial, between that of {@link Window#warmUp} and its measurement
 * @param durableSeconds how long each trial with a disk is measured
 * @param memorySeconds how long each trial in memory is measured
 * @param suite what follows, of Balsa alone
 */
record Plan(List<Trial> trials, int warmUpSeconds, int durableSeconds, int memorySeconds, Suite suite) {
    /** Besides its own time, a trial starts a JVM and a group, and ends them. */
    private static final int START_SECONDS = 6;

    private static final String BALSA = "balsa";
    private static final Set<String> QUICK_PRODUCTS = Set.of(BALSA, "jgroups-raft", "sofa-jraft", "microraft");
    /** With a network, and without. */
    private static final Set<String> STRONGEST_PRODUCTS = Set.of(BALSA, "jgroups-raft", "microraft");

    /** A fork of JMH. */
    record Trial(int round, Cell cell, ReplicationProduct product) {}

    /**
     * Ratios of throughput with a disk differ by a third from one pair of trials to the next, since the disk is shared; the
     * median of so many pairs differs by less than a tenth from that of others.
     */
    private static final int DURABLE_ROUNDS = 5;

    /** Over TCP with many commands under way; all others in memory repeat well. */
    private static final int MEMORY_ROUNDS = 3;

    private static final int USUAL_ROUNDS = 2;
    private static final int USUAL_SCATTERING_ROUNDS = 3;

    /** As many as there is time for in ten minutes. */
    private static final int QUICK_DURABLE_ROUNDS = 3;

    /** The strongest peers, short trials, more rounds where ratios differ from round to round: ten minutes. */
    static Plan quick(List<ReplicationProduct> products, Predicate<String> only) {
        List<Cell> durable = cells(List.of(1, 16, 256), List.of(128)).stream()
                .filter(cell -> cell.durability() == Durability.FSYNC)
                .toList();
        List<Cell> memory = cells(List.of(1, 256), List.of(128)).stream()
                .filter(cell -> cell.durability() == Durability.MEMORY)
                .toList();
        List<ReplicationProduct> strongest = named(STRONGEST_PRODUCTS, products);
        List<Trial> trials = new ArrayList<>(trials(1, durable, named(QUICK_PRODUCTS, products), only));
        trials.addAll(trials(1, memory, strongest, only));
        trials.addAll(rounds(2, QUICK_DURABLE_ROUNDS, Plan::scattersOnDisk, durable, strongest, only));
        return new Plan(List.copyOf(trials), 2, 4, 2, Suite.quick(only));
    }

    /** What targets are set for, as far as one strong peer is enough to tell, and what only Balsa does. */
    static Plan targets(List<ReplicationProduct> products, Predicate<String> only) {
        List<ReplicationProduct> strongest = named(STRONGEST_PRODUCTS, products);
        List<ReplicationProduct> balsa = named(Set.of(BALSA), products);
        List<Cell> beside = cells(List.of(1, 16, 256), List.of(128)).stream()
                .filter(cell -> cell.outstanding() != 16 || !cell.isInMemoryOverTcp())
                .toList();
        List<Cell> alone = new ArrayList<>();
        for (Durability durability : Durability.values()) {
            alone.add(new Cell(durability, Network.TCP, 3, 256, 1024));
            alone.add(new Cell(durability, Network.TCP, 3, 4096, 128));
        }
        List<Trial> trials = new ArrayList<>(trials(1, beside, strongest, only));
        trials.addAll(trials(1, alone, balsa, only));
        trials.addAll(rounds(2, MEMORY_ROUNDS, Plan::scattersInMemory, beside, strongest, only));
        trials.addAll(rounds(2, DURABLE_ROUNDS, Plan::scattersOnDisk, beside, strongest, only));
        return new Plan(List.copyOf(trials), 2, 4, 3, Suite.targets(only));
    }

    /** Some of the rounds, for those of the cells whose throughput differs from one to the next. */
    private static List<Trial> rounds(
            int first,
            int last,
            Predicate<Cell> scatters,
            List<Cell> cells,
            List<ReplicationProduct> products,
            Predicate<String> only) {
        return trials(last, cells.stream().filter(scatters).toList(), products, only).stream()
                .filter(trial -> trial.round() >= first)
                .toList();
    }

    /** One command at a time repeats well. */
    private static boolean scattersOnDisk(Cell cell) {
        return cell.durability() == Durability.FSYNC && cell.outstanding() > 1;
    }

    private static boolean scattersInMemory(Cell cell) {
        return cell.isInMemoryOverTcp() && cell.outstanding() == 256;
    }

    private static List<ReplicationProduct> named(Set<String> names, List<ReplicationProduct> products) {
        return products.stream()
                .filter(product -> names.contains(product.name()))
                .toList();
    }

    /** All products and the cells of the targets, in two rounds; in three where ratios scatter. */
    static Plan usual(List<ReplicationProduct> products, Predicate<String> only) {
        List<Cell> cells = cells(List.of(1, 16, 256), List.of(128));
        List<Trial> trials = new ArrayList<>(trials(USUAL_ROUNDS, cells, products, only));
        Predicate<Cell> scatters = cell -> scattersOnDisk(cell) || scattersInMemory(cell);
        trials.addAll(rounds(USUAL_ROUNDS + 1, USUAL_SCATTERING_ROUNDS, scatters, cells, products, only));
        return new Plan(List.copyOf(trials), 5, 10, 10, Suite.usual(only));
    }

    /** All products and all cells, in three rounds; it takes hours. */
    static Plan full(List<ReplicationProduct> products, Predicate<String> only) {
        return new Plan(
                trials(3, cells(List.of(1, 16, 256, 4096), List.of(128, 1024, 16384)), products, only),
                10,
                15,
                15,
                Suite.full(only));
    }

    private static List<Cell> cells(List<Integer> outstandings, List<Integer> payloads) {
        List<Cell> cells = new ArrayList<>();
        for (int payload : payloads) {
            for (int outstanding : outstandings) {
                cells.add(new Cell(Durability.FSYNC, Network.TCP, 3, outstanding, payload));
                cells.add(new Cell(Durability.MEMORY, Network.TCP, 3, outstanding, payload));
                cells.add(new Cell(Durability.MEMORY, Network.SAME_JVM, 3, outstanding, payload));
            }
        }
        return cells;
    }

    /** @param only of a cell's name and a product's: {@code fsync, TCP, 16 outstanding: balsa} */
    private static List<Trial> trials(
            int rounds, List<Cell> cells, List<ReplicationProduct> products, Predicate<String> only) {
        List<Trial> trials = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            for (Cell cell : cells) {
                for (ReplicationProduct product : products) {
                    if (cell.isFor(product) && only.test(cell.name() + ": " + product.name())) {
                        trials.add(new Trial(round, cell, product));
                    }
                }
            }
        }
        return List.copyOf(trials);
    }

    int count() {
        return trials.size() + suite.trials().size();
    }

    /** How long a trial of a cell is measured. */
    int measuredSeconds(Cell cell) {
        return cell.durability() == Durability.FSYNC ? durableSeconds : memorySeconds;
    }

    /** How long it still takes after so many trials, those of the suite among them. */
    long secondsAfter(int done) {
        long compared = trials.stream()
                .skip(done)
                .mapToLong(
                        trial -> START_SECONDS + Window.warmUpSeconds() + warmUpSeconds + measuredSeconds(trial.cell()))
                .sum();
        return compared + suite.secondsFrom(Math.max(0, done - trials.size()));
    }
}
