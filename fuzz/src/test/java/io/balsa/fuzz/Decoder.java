package io.balsa.fuzz;

import java.util.List;

/** One place where bytes from outside come in, with what must hold there whatever the bytes are. */
public interface Decoder {
    /**
     * Decodes an input as the production code does, and checks what came out.
     *
     * @throws Exception only if the production code is wrong; its documented refusals end here
     */
    void decode(byte[] input) throws Exception;

    /** Inputs from which fuzzing starts; together they lead to every kind of thing that can be decoded. */
    List<byte[]> seeds() throws Exception;

    /** What decoding may allocate besides what grows with the input, in bytes. */
    default long fixedBytes() {
        return 1L << 20;
    }
}
