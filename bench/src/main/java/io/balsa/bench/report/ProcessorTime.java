package io.balsa.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the processors of this machine have done since it started, as Linux counts it.
 *
 * @param total of all states together
 * @param stolen when this machine wanted to run, and its host let another
 */
public record ProcessorTime(long total, long stolen) {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessorTime.class);
    private static final ProcessorTime UNKNOWN = new ProcessorTime(0, 0);
    /** user, nice, system, idle, iowait, irq, softirq, steal; what follows is part of the first two. */
    private static final int STATES = 8;

    /** Looks now. */
    public static ProcessorTime now() {
        Path statistics = Path.of("/proc/stat");
        if (!Files.isReadable(statistics)) {
            return UNKNOWN;
        }
        try (Stream<String> lines = Files.lines(statistics)) {
            return of(lines.findFirst().orElse(""));
        } catch (IOException e) {
            LOG.debug("can't read {}", statistics, e);
            return UNKNOWN;
        }
    }

    /** @param line the first of {@code /proc/stat} */
    static ProcessorTime of(String line) {
        String[] words = line.strip().split("\\s+", -1);
        if (words.length <= STATES) {
            return UNKNOWN;
        }
        long total = 0;
        for (int state = 1; state <= STATES; state++) {
            total += Long.parseLong(words[state]);
        }
        return new ProcessorTime(total, Long.parseLong(words[STATES]));
    }

    /** Which part of the processors' time others took since then, from 0 to 1; empty where the system does not tell. */
    public OptionalDouble stolenSince(ProcessorTime then) {
        long passed = total - then.total;
        return then.total == 0 || passed <= 0
                ? OptionalDouble.empty()
                : OptionalDouble.of((double) (stolen - then.stolen) / passed);
    }
}
