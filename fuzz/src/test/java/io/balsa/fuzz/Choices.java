package io.balsa.fuzz;

import java.util.Arrays;

/** Takes decisions out of an input, so that small changes of the input are small changes of what is made of it. */
public final class Choices {
    private final byte[] input;
    private int position;

    public Choices(byte[] input) {
        this.input = input;
    }

    /** Whether the input has decided all that it can; from then on every decision is the first one. */
    public boolean isSpent() {
        return position >= input.length;
    }

    /** A number from 0 to below a bound of at most 256. */
    public int below(int bound) {
        return nextByte() % bound;
    }

    /** One decision in two. */
    public boolean flip() {
        return (nextByte() & 1) != 0;
    }

    /** The next bytes as they stand, fewer at the end. */
    public byte[] bytes(int length) {
        int end = Math.min(input.length, position + length);
        byte[] bytes = Arrays.copyOfRange(input, Math.min(position, end), end);
        position = end;
        return bytes;
    }

    /** Everything that is left. */
    public byte[] rest() {
        return bytes(input.length);
    }

    /** Any number, mostly one of those around which code decides: small ones and those at the ends. */
    public long number() {
        int kind = nextByte();
        if (kind < 128) {
            return kind % 8;
        }
        return switch (kind % 8) {
            case 0 -> nextByte() << 8 | nextByte();
            case 1 -> -1;
            case 2 -> Long.MAX_VALUE;
            case 3 -> Long.MIN_VALUE;
            case 4 -> Integer.MAX_VALUE;
            case 5 -> Integer.MIN_VALUE;
            case 6 -> 1000L * nextByte();
            default -> any();
        };
    }

    private long any() {
        long number = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            number = number << 8 | nextByte();
        }
        return number;
    }

    private int nextByte() {
        return position < input.length ? input[position++] & 0xff : 0;
    }
}
