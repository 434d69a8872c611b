package io.balsa.simulation.history;

import java.util.Arrays;

/** A set of small numbers as bits, of which parts are taken as keys. */
final class BitWords {
    private static final int WORD_BITS = Long.SIZE;
    private static final int SHIFT = 6;

    private final long[] words;
    private final int size;

    BitWords(int size) {
        this.size = size;
        this.words = new long[(size + WORD_BITS - 1) / WORD_BITS];
    }

    void set(int bit) {
        words[bit >> SHIFT] |= 1L << bit;
    }

    void clear(int bit) {
        words[bit >> SHIFT] &= ~(1L << bit);
    }

    boolean get(int bit) {
        return (words[bit >> SHIFT] & 1L << bit) != 0;
    }

    /** The first bit from this one on that is not set; the size if all are. */
    int nextClear(int from) {
        if (from >= size) {
            return size;
        }
        int word = from >> SHIFT;
        long clear = ~words[word] & -1L << from;
        while (clear == 0) {
            word++;
            if (word == words.length) {
                return size;
            }
            clear = ~words[word];
        }
        return Math.min(size, (word << SHIFT) + Long.numberOfTrailingZeros(clear));
    }

    /**
     * The words from the one of a bit on, without empty ones at the end.
     *
     * @param from all bits below it are set
     * @param count how many bits are set
     */
    long[] window(int from, int count) {
        int first = from >> SHIFT;
        int left = count - (first << SHIFT);
        int end = first;
        while (left > 0) {
            left -= Long.bitCount(words[end]);
            end++;
        }
        return Arrays.copyOfRange(words, first, end);
    }

    long[] copy() {
        return words.clone();
    }

    /** Whether all bits of the one are in the other. */
    static boolean isSubset(long[] small, long[] large) {
        for (int i = 0; i < small.length; i++) {
            if ((small[i] & ~large[i]) != 0) {
                return false;
            }
        }
        return true;
    }
}
