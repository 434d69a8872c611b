package io.balsa.bench.report;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a run took place on.
 *
 * @param fileSystem of the directory that nodes write to
 * @param load processes that wanted to run, on average over the minute before the run; negative where the system does not tell
 */
public record Machine(String processor, int cores, long memoryBytes, String system, String fileSystem, double load) {
    private static final Logger LOG = LoggerFactory.getLogger(Machine.class);
    private static final double BUSY_SHARE = 0.3;
    private static final String UNKNOWN = "unknown";

    /** Looks at this machine now. */
    public static Machine look(Path data) {
        var system = ManagementFactory.getOperatingSystemMXBean();
        return new Machine(
                processorModel(),
                system.getAvailableProcessors(),
                system instanceof com.sun.management.OperatingSystemMXBean more ? more.getTotalMemorySize() : 0,
                system.getName() + " " + system.getVersion() + ", " + system.getArch(),
                fileSystemOf(data),
                system.getSystemLoadAverage());
    }

    /** Whether something else ran when the run began. */
    boolean isBusy() {
        return load > BUSY_SHARE * cores;
    }

    private static String processorModel() {
        Path info = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(info)) {
            return UNKNOWN;
        }
        try (Stream<String> lines = Files.lines(info)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(UNKNOWN);
        } catch (IOException e) {
            LOG.debug("can't read {}", info, e);
            return UNKNOWN;
        }
    }

    private static String fileSystemOf(Path data) {
        Path there = data.toAbsolutePath();
        while (!Files.exists(there)) {
            there = there.getParent();
        }
        try {
            FileStore store = Files.getFileStore(there);
            return store.type() + " (" + store.name() + ")";
        } catch (IOException e) {
            LOG.debug("can't tell the file system of {}", there, e);
            return UNKNOWN;
        }
    }
}
