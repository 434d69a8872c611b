package io.balsa.lock.zookeeper;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The name of a node in the queue for a lock.
 *
 * @param name as ZooKeeper has it
 * @param id chosen by who created it, so that it can be found when the answer was lost
 * @param sequence given by ZooKeeper, growing
 */
record QueueEntry(String name, String id, int sequence) {
    /** ZooKeeper's numbers end a little later, and would begin to repeat themselves. */
    private static final int LAST_SEQUENCE = Integer.MAX_VALUE - 1_000_000;

    private static final int ID_LENGTH = 36;
    private static final char SEPARATOR = '-';

    static String newId() {
        return UUID.randomUUID().toString();
    }

    /** What ZooKeeper completes by a sequence number. */
    static String prefix(String id) {
        return id + SEPARATOR;
    }

    /** Empty for a node that is none of a queue's. */
    static Optional<QueueEntry> parse(String name) {
        if (name.length() <= ID_LENGTH + 1 || name.charAt(ID_LENGTH) != SEPARATOR) {
            return Optional.empty();
        }
        try {
            return Optional.of(new QueueEntry(
                    name, name.substring(0, ID_LENGTH), Integer.parseInt(name, ID_LENGTH + 1, name.length(), 10)));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Whether numbers are used up so far that nobody should queue behind it any more. */
    boolean isNearTheEnd() {
        return sequence < 0 || sequence > LAST_SEQUENCE;
    }

    /** A queue, the first one at its head. */
    static List<QueueEntry> queue(List<String> names) {
        return names.stream()
                .map(QueueEntry::parse)
                .flatMap(Optional::stream)
                .sorted(Comparator.comparingInt(QueueEntry::sequence))
                .toList();
    }
}
