package io.balsa.simulation;

import io.balsa.raft.client.RequestException;
import io.balsa.raft.core.LogEntry;
import io.balsa.statemachine.proto.LockHolder;
import io.balsa.statemachine.proto.LockState;
import io.balsa.statemachine.session.LockInfo;
import io.balsa.statemachine.session.LockListener;
import io.balsa.statemachine.session.Session;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Holds every watch over a lock to the log: what it tells is what the lock was after some entry, never an earlier state than
 * it told before, and never the same twice.
 */
final class LockObservers {
    /** Who held a lock from an entry on: the tokens, and under which version they are told. */
    private record Holders(long version, List<Long> tokens) {}

    private static final Holders NOBODY = new Holders(0, List.of());

    private final WorkloadContext context;
    private final Map<String, NavigableMap<Long, Holders>> timelines = new HashMap<>();
    private long told;

    LockObservers(WorkloadContext context) {
        this.context = context;
    }

    /** How often holders were told. */
    long told() {
        return told;
    }

    /** After a committed entry, in order, a lock that was touched is this. */
    void after(LogEntry entry, LockState lock) {
        List<Long> tokens =
                lock.getHoldersList().stream().map(LockHolder::getToken).toList();
        timelineOf(lock.getName()).put(entry.index(), new Holders(lock.getVersion(), tokens));
    }

    private NavigableMap<Long, Holders> timelineOf(String lock) {
        return timelines.computeIfAbsent(lock, name -> new TreeMap<>(Map.of(0L, NOBODY)));
    }

    void watch(ClientProcess process, Session session, String lock) {
        session.locks().watch(lock, new Listener(process, lock));
    }

    /** One watch, and how far in the log it has told. */
    private final class Listener implements LockListener {
        private final ClientProcess process;
        private final String lock;
        private Holders last;
        private long lastIndex;

        Listener(ClientProcess process, String lock) {
            this.process = process;
            this.lock = lock;
        }

        @Override
        public void onHolders(LockInfo info) {
            told++;
            Holders holders = new Holders(
                    info.version(),
                    info.holders().stream().map(holder -> holder.id().token()).toList());
            process.witness(info.version());
            process.note(() -> "is told that " + lock + " is held by " + holders.tokens());
            context.require(!holders.equals(last), "lock-watch", () -> "%s is told twice that %s has %s"
                    .formatted(process.name(), lock, holders));
            long index = firstIndexOf(holders);
            context.require(
                    index >= 0, "lock-watch", () -> "%s is told that %s has %s, which it never had after entry %d"
                            .formatted(process.name(), lock, holders, lastIndex));
            last = holders;
            lastIndex = index;
        }

        /** The first entry, not before the last one told of, after which the lock had these holders; -1 if there is none. */
        private long firstIndexOf(Holders holders) {
            NavigableMap<Long, Holders> timeline = timelineOf(lock);
            for (Map.Entry<Long, Holders> each :
                    timeline.tailMap(timeline.floorKey(lastIndex), true).entrySet()) {
                if (each.getValue().equals(holders)) {
                    return Math.max(lastIndex, each.getKey());
                }
            }
            return -1;
        }

        @Override
        public void onEnd(RequestException cause) {
            process.note(() -> "watch over " + lock + " ends: " + cause.getMessage());
        }
    }
}
