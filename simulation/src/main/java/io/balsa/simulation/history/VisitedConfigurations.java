package io.balsa.simulation.history;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The situations from which the search need not go on, for it did so before: Lowe's cache of states.
 *
 * <p>A situation is which answered operations have taken effect, the state, and which optional ones were used up for it. One
 * that used more can do nothing that one cannot which used less, so only the smallest sets are kept.
 */
final class VisitedConfigurations {
    private static final long[][] NOTHING_OPTIONAL = {new long[0]};

    private final Map<Configuration, long[][]> usedSets = new HashMap<>();
    private int size;

    /** Which operations have taken effect, as a window of bits, and the number of the state. */
    static final class Configuration {
        private final int firstWord;
        private final long[] words;
        private final int state;
        private final int hash;

        Configuration(int firstWord, long[] words, int state) {
            this.firstWord = firstWord;
            this.words = words;
            this.state = state;
            int bits = Arrays.hashCode(words) * 31 + firstWord;
            this.hash = (bits * 31 + state) * 0x9E3779B9;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Configuration that
                    && state == that.state
                    && firstWord == that.firstWord
                    && Arrays.equals(words, that.words);
        }

        @Override
        public int hashCode() {
            return hash ^ hash >>> 16;
        }
    }

    /** Whether the search was here, or in a better place. */
    boolean contains(Configuration configuration, BitWords used) {
        long[][] sets = usedSets.get(configuration);
        if (sets == null) {
            return false;
        }
        long[] now = used.copy();
        for (long[] set : sets) {
            if (BitWords.isSubset(set, now)) {
                return true;
            }
        }
        return false;
    }

    /** Adds one that is not contained. */
    void add(Configuration configuration, BitWords used) {
        long[] now = used.copy();
        if (now.length == 0) {
            usedSets.put(configuration, NOTHING_OPTIONAL);
            size++;
            return;
        }
        long[][] before = usedSets.get(configuration);
        if (before == null) {
            usedSets.put(configuration, new long[][] {now});
            size++;
            return;
        }
        long[][] after = Arrays.copyOf(before, before.length + 1);
        int count = 0;
        for (long[] set : before) {
            if (!BitWords.isSubset(now, set)) {
                after[count++] = set;
            }
        }
        after[count++] = now;
        usedSets.put(configuration, Arrays.copyOf(after, count));
        size += count - before.length;
    }

    /** How many situations there are. */
    int size() {
        return size;
    }
}
