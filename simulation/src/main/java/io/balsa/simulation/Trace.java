package io.balsa.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What happened in a run: always as a hash, the same when the same happened, and as readable lines for those who ask for
 * them.
 */
final class Trace {
    private static final long PRIME = 0x100000001b3L;

    private final Optional<Consumer<String>> listener;
    private final int tailLines;
    private final Deque<String> tail = new ArrayDeque<>();
    private long hash = 0xcbf29ce484222325L;
    private long events;

    /**
     * @param tailLines how many of the last lines are kept; 0 for none
     * @param listener told each line
     */
    Trace(int tailLines, Optional<Consumer<String>> listener) {
        this.tailLines = tailLines;
        this.listener = listener;
    }

    /** Whether lines are made at all; whoever makes one asks first, for they are costly. */
    boolean isReadable() {
        return tailLines > 0 || listener.isPresent();
    }

    void mix(long value) {
        hash = (hash ^ value) * PRIME;
        hash ^= hash >>> 29;
    }

    void event(long nowNanos, int kind, long detail) {
        events++;
        mix(nowNanos);
        mix(kind);
        mix(detail);
    }

    void line(long nowNanos, String who, String what) {
        String line = String.format(Locale.ROOT, "%12.6f %-4s %s", nowNanos / 1e9, who, what);
        if (tailLines > 0) {
            if (tail.size() == tailLines) {
                tail.removeFirst();
            }
            tail.addLast(line);
        }
        listener.ifPresent(told -> told.accept(line));
    }

    long hash() {
        return hash;
    }

    long events() {
        return events;
    }

    List<String> tail() {
        return List.copyOf(tail);
    }
}
