package io.balsa.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/** How many bytes of the heap the threads of this JVM have taken since they began. Those that have ended are not counted. */
public final class AllocatedBytes {
    private final Map<Long, String> names = new HashMap<>();
    private final Map<Long, Long> bytes = new HashMap<>();

    private AllocatedBytes() {}

    /**
     * Asks the JVM.
     *
     * @throws IllegalStateException if it does not count them
     */
    public static AllocatedBytes now() {
        if (!(ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads)
                || !threads.isThreadAllocatedMemorySupported()) {
            throw new IllegalStateException("this JVM does not count what its threads allocate; HotSpot does");
        }
        AllocatedBytes now = new AllocatedBytes();
        long[] ids = threads.getAllThreadIds();
        long[] allocated = threads.getThreadAllocatedBytes(ids);
        ThreadInfo[] infos = threads.getThreadInfo(ids);
        for (int i = 0; i < ids.length; i++) {
            if (infos[i] != null && allocated[i] >= 0) {
                now.names.put(ids[i], infos[i].getThreadName());
                now.bytes.put(ids[i], allocated[i]);
            }
        }
        return now;
    }

    /**
     * What threads have taken since then.
     *
     * @param thread which of them, by their names
     */
    public long since(AllocatedBytes then, Predicate<String> thread) {
        return bytes.entrySet().stream()
                .filter(entry -> thread.test(names.get(entry.getKey())))
                .mapToLong(entry -> entry.getValue() - then.bytes.getOrDefault(entry.getKey(), 0L))
                .sum();
    }
}
