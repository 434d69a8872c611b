package io.balsa.simulation.history;

import java.util.Arrays;

/** A stack of numbers that grows as needed. */
final class IntStack {
    private static final int FIRST_CAPACITY = 64;

    private int[] items = new int[FIRST_CAPACITY];
    private int size;

    void push(int item) {
        if (size == items.length) {
            items = Arrays.copyOf(items, size * 2);
        }
        items[size++] = item;
    }

    int get(int position) {
        return items[position];
    }

    void set(int position, int item) {
        items[position] = item;
    }

    int size() {
        return size;
    }

    void truncate(int newSize) {
        size = newSize;
    }
}
