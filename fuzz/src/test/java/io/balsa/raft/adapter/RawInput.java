package io.balsa.raft.adapter;

/** Inputs of those decoders that also make messages from decisions. */
public final class RawInput {
    private RawInput() {}

    /** The input that says: these bytes as they are. */
    public static byte[] of(byte[] bytes) {
        byte[] input = new byte[bytes.length + 1];
        System.arraycopy(bytes, 0, input, 1, bytes.length);
        return input;
    }
}
