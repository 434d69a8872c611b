package io.balsa.bench.parts;

import java.io.IOException;

/** Writes batches of one size, each synced. */
interface BatchWriter extends AutoCloseable {
    /** Writes the next batch and waits until it is on the disk. */
    void writeBatch() throws IOException;

    /** Does now and then what is not part of writing a batch, but keeps the disk from filling up. */
    void tidyUp();

    @Override
    void close() throws IOException;
}
