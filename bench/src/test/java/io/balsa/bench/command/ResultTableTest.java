package io.balsa.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.bench.replication.Setting.Durability;
import io.balsa.bench.replication.Setting.Network;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ResultTableTest {
    private static final Cell CELL = new Cell(Durability.FSYNC, Network.TCP, 3, 256, 128);

    private final Results results = new Results();

    private String printed() {
        StringWriter text = new StringWriter();
        ResultTable.print(results, new PrintWriter(text));
        return text.toString();
    }

    @Test
    void showsEachProductFastestFirstAndTheRatioToTheBestPeer() {
        results.add(CELL, "balsa", new Results.Measured(300_000, 800, 4_000));
        results.add(CELL, "balsa", new Results.Measured(500_000, 400, 2_000));
        results.add(CELL, "slow", new Results.Measured(10_000, 9_000, 90_000));
        results.add(CELL, "fast", new Results.Measured(200_000, 1_000, 5_000));
        results.failed(CELL, "broken", "it did not start");
        String printed = printed();
        assertThat(printed.lines())
                .containsSequence(
                        "fsync, TCP, 256 outstanding",
                        "  balsa                 400,000 ops/s   p50       600 us   p99.9       3,000 us",
                        "  fast                  200,000 ops/s   p50     1,000 us   p99.9       5,000 us",
                        "  slow                   10,000 ops/s   p50     9,000 us   p99.9      90,000 us",
                        "  broken           failed: it did not start",
                        "  balsa : fast = 2.00 in operations, 0.60 in p50");
        assertThat(printed.lines()).allMatch(line -> line.length() <= 80);
    }

    @Test
    void theRatioIsTheMedianOfTheRounds() {
        for (double[] rates : new double[][] {{200, 100}, {220, 100}, {210, 30}}) {
            results.add(CELL, "balsa", new Results.Measured(rates[0], 1, 1));
            results.add(CELL, "fast", new Results.Measured(rates[1], 2, 2));
        }
        assertThat(printed()).contains("  balsa : fast = 2.20 (2.00 to 7.00 in 3 rounds) in operations, 0.50 in p50\n");
        assertThat(printed().lines()).allMatch(line -> line.length() <= 80);
    }

    @Test
    void withoutAPeerThereIsNothingToCompare() {
        results.add(CELL, "balsa", new Results.Measured(1, 2, 3));
        results.add(CELL, "balsa-chronicle", new Results.Measured(1, 2, 3));
        assertThat(ResultTable.comparison(results, CELL)).isEmpty();
    }
}
